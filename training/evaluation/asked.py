"""Is a value heard that was asked for? Closed-loop knobs (`presets.ask`) on unseen bars."""

from __future__ import annotations

from typing import Any

import numpy as np

from presets import edit
from presets.ask import Decode, Hearing, Wish, ask
from presets.attributes import ATTRIBUTES, measure_heard
from presets.bar import Window
from presets.encoding import Encoding, Tokens
from presets.manifest import Dimension
from training import latent
from training.calibrate import calibrate
from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.evaluation.control import window_of
from training.latent import Codes

ASKED = {"density": range(1, 13), "range": range(20)}  # notes, semitones


def described(trained: Trained, data: Dataset, tokens: Tokens, seed: int) -> dict[str, Any]:
    """Of windows [N, T], by attribute: the share of wishes that were heard, in all and by value.

    What cannot be reached counts as missed. kept: where one note more or one less was asked for
    and heard, the share of the played onsets that are still there, with their pitch.
    """
    tables = calibrate(trained, data, seed=seed).tables
    found: dict[str, Any] = {}
    for index, name in enumerate(trained.dimensions):
        if name in ASKED:
            dimensions = [Dimension(n, i, tables[n]) for i, n in enumerate(trained.dimensions)]
            asker = _Asker(trained, dimensions, index)
            rows = [asker.answers(bar) for bar in tokens]
            reached = np.array([[abs(heard - v) < 0.5 for v, heard, _ in row] for row in rows])
            found[name] = {
                "reached": float(reached.mean()),
                "by value": dict(zip(map(str, ASKED[name]), reached.mean(0).tolist(), strict=True)),
            }
            if name == "density":
                found[name]["kept"] = _kept(tokens, rows, trained.encoding)
    return found


Heard = tuple[int, float, Window]  # what was asked, what is heard, and how


class _Asker:
    """Asks one knob for values, of one window after another."""

    def __init__(self, trained: Trained, dimensions: list[Dimension], index: int) -> None:
        self.model, self.encoding = trained.model, trained.encoding
        self.dimensions, self.dimension = dimensions, dimensions[index]
        self.attribute = ATTRIBUTES[self.dimension.attribute]

    def answers(self, bar: Tokens) -> list[Heard]:
        """To each value that is asked for of the window `bar` [T]."""
        window = window_of(bar, self.encoding)
        played = self.encoding.listen(window).tokens[None]
        z = latent.encode(self.model, played)[0][0]
        leaning = latent.leaning(self.model, played, self.encoding)

        def decode(points: Codes) -> Tokens:
            each = None if leaning is None else np.repeat(leaning, len(points), axis=0)
            return latent.decode(self.model, points, each)

        before, asked = decode(z[None])[0], ASKED[self.dimension.attribute]
        return [self._answer(window, z, before, value, decode) for value in asked]

    def _answer(
        self, window: Window, z: Codes, before: Tokens, value: int, decode: Decode
    ) -> Heard:
        encoding, wish = self.encoding, Wish(self.dimension, float(value))
        hearing = Hearing(window, before, encoding, [wish], self.dimensions)
        _, tokens, full = ask(z, hearing, decode, full=False)
        played = encoding.listen(window)
        heard = (
            edit.full(window, played, tokens, encoding)
            if full
            else edit.residual(window, played, before, tokens, encoding)
        )
        name, grid = self.dimension.attribute, encoding.grid
        measured = float(measure_heard([encoding.listen(heard)], grid, [name])[0, 0])
        return value, self.attribute.in_units(measured, grid), heard


def _kept(tokens: Tokens, rows: list[list[Heard]], encoding: Encoding) -> float:
    """Of one-note changes, the mean share of played onsets that stay; 1 where there was none."""
    shares: list[float] = []
    for bar, row in zip(tokens, rows, strict=True):
        played = _onsets(window_of(bar, encoding))
        shares += [
            len(played & _onsets(heard)) / min(len(played), value)
            for value, count, heard in row
            if abs(value - len(played)) == 1 and round(count) == value
        ]
    return float(np.mean(shares)) if shares else 1.0


def _onsets(window: Window) -> set[tuple[int, int]]:
    return {(note.onset, note.pitch) for note in window.notes if note.onset >= 0}
