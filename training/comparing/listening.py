"""A page to look at and listen to: unseen bars, every knob at five places, run beside run.

One HTML file that plays its own notes, and beside it a MIDI file of every row: the bar as it is,
then the five answers, a bar of rest after each.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import mido
import numpy as np

from presets.attributes import ATTRIBUTES
from presets.bar import TICKS_PER_QUARTER, Window
from presets.encoding import Tokens
from presets.errors import GlissarError
from presets.whole import write_whole
from training import latent
from training.comparing import page
from training.comparing.page import Row
from training.data.dataset import Windows
from training.evaluation import control, prior
from training.figures import ar_traversals, knobs
from training.figures.measured import Measured
from training.latent import Codes

BARS = 10
PLACES = ("knob lowest", "¼ of the way", "half way", "¾ of the way", "knob highest")


class Knob(NamedTuple):
    """A run's knob: the dimension that it turns, and its places from the lowest to the highest."""

    name: str
    index: int
    at: Codes  # [P]


def write(runs: Sequence[Measured], folder: Path, seed: int = 0) -> Path:
    """index.html and midi/ in `folder`; the page's path. Raises GlissarError."""
    first = runs[0]
    if any(run.trained.encoding.grid != first.trained.encoding.grid for run in runs):
        raise GlissarError("these runs have different windows; give runs of one grid.")
    chosen = unseen(runs, seed)
    turns = [(run, knob) for run in runs for knob in turned(run)]
    parts: list[str] = []
    for number, (bar, work) in enumerate(zip(chosen.tokens, chosen.work, strict=True), 1):
        found: dict[str, tuple[str, list[Row]]] = {}
        for run, knob in turns:
            windows = row(run, bar, knob)
            file = f"midi/{number}-{knob.name}-{run.name}.mid"
            write_whole(folder / file, _midi(windows))
            told = values(run, windows, knob.name)
            unit = ATTRIBUTES[knob.name].unit
            found.setdefault(knob.name, (unit, []))[1].append(Row(run.name, file, windows, told))
        title = f"Bar {number}, of {first.data.works[work]}"
        parts.append(page.bar(title, ("as played", *PLACES), found))
    title = " beside ".join(run.name for run in runs)
    write_whole(folder / "index.html", page.page(title, "\n".join(parts)).encode())
    return folder / "index.html"


def unseen(runs: Sequence[Measured], seed: int = 0) -> Windows:
    """Test bars of the first run, of different works, that no run learnt from or was chosen by, in
    whatever key. Raises GlissarError."""
    data, encoding = runs[0].data, runs[0].trained.encoding
    found = ar_traversals.bars(runs[0], len(data.works), seed)
    known = {
        form
        for met in {id(run.data): run.data for run in runs}.values()
        for side in ("train", "validation")
        for form in prior.forms(met.bars[side].tokens.astype(np.int64), encoding)
    }
    new = [form not in known for form in prior.forms(found.tokens, encoding)]
    if not any(new):
        raise GlissarError("there is no bar that these runs have not met; give runs of one split.")
    return found.rows(np.flatnonzero(new)[:BARS])


def turned(run: Measured) -> list[Knob]:
    """Every knob, from the lowest to the highest of the style."""
    low, high = np.quantile(knobs.codes(run), knobs.ENDS, axis=0)
    at = np.linspace(low, high, len(PLACES), dtype=np.float32)
    names = zip(run.trained.dimensions, knobs.followed(run), strict=True)
    return [Knob(name, index, at[:, index]) for name, index in names]


def row(run: Measured, bar: Tokens, knob: Knob) -> list[Window]:
    """The bar [T], and what is heard with a knob at each of its places."""
    trained = run.trained
    z, _ = latent.encode(trained.model, bar[None])
    points = latent.moved(trained.model, z, knob.index, knob.at).reshape(len(knob.at), -1)
    played = control.window_of(bar, trained.encoding)
    return [played, *control.heard(trained.model, trained.encoding, bar[None], z, points)]


def values(run: Measured, windows: Sequence[Window], name: str) -> list[str]:
    """An attribute of each window, as a person reads it."""
    attribute, encoding = ATTRIBUTES[name], run.trained.encoding
    found = attribute.measure(control.onsets_heard(list(windows), encoding))
    digits = 0 if attribute.grain >= 1 else 2
    units = (attribute.in_units(value, encoding.grid) for value in found)
    return [f"{value:.{digits}f}".replace("-", "−") for value in units]


def _midi(row: Sequence[Window]) -> bytes:
    """A type 0 file."""
    events: list[tuple[int, int, mido.Message]] = []
    for number, window in enumerate(row):
        start = 2 * number * window.length
        for n in window.notes:
            on, off = max(0, n.onset) + start, n.end + start
            events.append((on, 1, mido.Message("note_on", note=n.pitch, velocity=n.velocity)))
            events.append((off, 0, mido.Message("note_off", note=n.pitch)))
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(page.TEMPO))])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track])
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()
