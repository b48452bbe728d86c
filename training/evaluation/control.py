"""What turning a knob does to the notes: decoded, and heard after the residual edit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from presets import edit
from presets.attributes import ATTRIBUTES, Onsets, metrical_weights, onsets_of
from presets.bar import Note, Window
from presets.encoding import Encoding, Tokens
from training import latent
from training.latent import Codes
from training.models.latent_model import LatentModel

Floats = NDArray[np.float64]

POSITIONS = np.linspace(0.02, 0.98, 9)  # percentiles of z_r over the training windows


@dataclass(frozen=True)
class Turn:
    """N windows, and each with its knob at P positions: N·P rows, a window's P together."""

    played: Onsets  # [N], the windows themselves
    before: Onsets  # [N], decode(z)
    decoded: Onsets  # [N·P], decode(z′)
    heard: Onsets  # [N·P], as the instrument plays it

    @property
    def after(self) -> dict[str, Onsets]:
        """Both kinds of answer, by the names that figures have."""
        return {"decoded": self.decoded, "heard": self.heard}

    def values(self, after: Onsets, name: str) -> Floats:
        """An attribute [N, P] of the answers."""
        return ATTRIBUTES[name].measure(after).reshape(len(self.played.struck), -1)


def turn(
    model: LatentModel, encoding: Encoding, tokens: Tokens, index: int, positions: Codes
) -> Turn:
    """Set dimension `index` of the windows [N, T] to each position [P]."""
    z, _ = latent.encode(model, tokens)
    turned = latent.moved(model, z, index, positions)
    points = turned.reshape(-1, z.shape[1])
    before, after = latent.decode(model, z), latent.decode(model, points)
    answers = heard(model, encoding, tokens, z, points)
    played, was, will = (onsets_of(rows, encoding) for rows in (tokens, before, after))
    return Turn(played, was, will, onsets_heard(answers, encoding))


def heard(
    model: LatentModel, encoding: Encoding, tokens: Tokens, z: Codes, points: Codes
) -> list[Window]:
    """Windows [N, T] of codes z [N, Z] moved to points [N·P, Z], as the instrument plays them."""
    times, noise = len(points) // len(tokens), latent.leaning(model, tokens, encoding)
    each = None if noise is None else np.repeat(noise, times, axis=0)
    before, after = latent.decode(model, z, noise), latent.decode(model, points, each)
    return [
        edit.residual(window, encoded, was, will, encoding)
        for window, was, here in zip(
            (window_of(bar, encoding) for bar in tokens),
            before,
            after.reshape(len(z), times, -1),
            strict=True,
        )
        for encoded in (encoding.encode(window),)
        for will in here
    ]


def window_of(tokens: Tokens, encoding: Encoding) -> Window:
    """The window that `tokens` stand for. Of a note held from before, tokens do not know the pitch:
    it gets that of the first note struck; attributes look at onsets only."""
    notes = encoding.notes(tokens)
    if tokens[0] == encoding.vocabulary.hold:
        end = next((n.onset for n in notes), encoding.grid.length)
        rests = np.flatnonzero(tokens == encoding.vocabulary.rest)
        end = min(end, encoding.grid.ticks[rests[0]]) if len(rests) else end
        pitch = notes[0].pitch if notes else encoding.vocabulary.low
        before = 2 * encoding.grid.lead  # the last step of the window before
        notes.append(Note(-before, pitch, end + before))
    return Window.of(notes, encoding.grid.bars, encoding.grid.meter)


def onsets_heard(windows: list[Window], encoding: Encoding) -> Onsets:
    """Windows of notes, which may lie outside the model's vocabulary, as onsets on the grid."""
    steps = encoding.grid.steps
    struck = np.zeros((len(windows), steps), np.bool_)
    pitch = np.zeros((len(windows), steps))
    for row, window in enumerate(windows):
        for note in window.notes:
            if note.onset >= 0:
                step = encoding.grid.nearest(note.onset)
                struck[row, step], pitch[row, step] = True, note.pitch
    count = struck.sum(1).astype(np.float64)
    return Onsets(struck, pitch, metrical_weights(encoding.grid), count)


def spearman(values: Floats, positions: Codes | None = None) -> Floats:
    """Rank correlation of each row [N, P] with the knob's positions; 0 where nothing moves.

    positions [P]: of equal ones, such as the percentiles of a style that mostly has four notes,
    nothing is expected. All differ where none are given.
    """
    ranks = rankdata(values, axis=1)
    ranks -= ranks.mean(1, keepdims=True)
    knob = rankdata(np.arange(values.shape[1]) if positions is None else positions)
    knob -= knob.mean()
    scale = np.sqrt((ranks**2).sum(1) * (knob**2).sum())
    scale[scale == 0] = np.inf
    return (ranks * knob).sum(1) / scale


def room(played: Onsets, name: str) -> Floats:
    """1 for each window that can have more of an attribute without another note, else 0: one note
    has no range and no contour, and where every step is struck rhythm is at its most."""
    if name in ("range", "contour"):
        return (played.count > 1).astype(np.float64)
    if name == "rhythm":
        return (played.count < played.struck.shape[1]).astype(np.float64)
    return np.ones(len(played.count))


def moves(values: Floats) -> Floats:
    """1 for each row [N, P] that its knob changes at all, else 0."""
    return (np.ptp(values, axis=1) > 1e-9).astype(np.float64)


def never_wrong(values: Floats) -> Floats:
    """1 for each row [N, P] that never falls as its knob rises, else 0; also if it never moves."""
    return np.all(np.diff(values, axis=1) >= -1e-9, axis=1).astype(np.float64)
