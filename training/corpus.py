"""The Bach chorales of the installed music21, as 4/4 bars of their soprano.

Only `glissar-train prepare` imports this module, and it is the only one that imports music21: the
tunes are read from the installed corpus and never shipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import music21
from music21.corpus import chorales

from presets.bar import TICKS_PER_QUARTER, Meter, Note, Window

LICENCES = (
    "music21 is BSD-3-Clause; its corpus/license.txt says that encodings are distributed with the "
    "permission of the encoders and that some may not be used commercially; the Bach files carry "
    "no rights statement of their own. The melodies are in the public domain."
)


@dataclass(frozen=True)
class Work:
    """One score's soprano: its 4/4 bars, and what was left out of it."""

    name: str  # "bwv269"
    chorale: bool  # in music21's chorale iterator (the rest are other Bach scores)
    windows: tuple[Window, ...]
    left_out: Counter[str]


def names() -> tuple[list[str], list[str]]:
    """The distinct works of the chorale iterator, and the other scores of corpus/bach."""
    listed: Any = chorales.Iterator(returnType="filename")
    iterated = sorted({Path(name).name for name in listed})
    folder = Path(music21.__file__).parent / "corpus" / "bach"
    files = (*folder.glob("*.mxl"), *folder.glob("*.xml"), *folder.glob("*.krn"))
    return iterated, sorted({file.stem for file in files} - set(iterated))


def read(
    which: Iterable[tuple[str, bool]], done: Callable[[], object] = lambda: None
) -> list[Work]:
    """Parse works, given as (name, is in the chorale iterator). `done` is called after each."""
    works: list[Work] = []
    for name, chorale in which:
        works.append(_work(name, chorale))
        done()
    return works


def version() -> str:
    return str(music21.__version__)


def _work(name: str, chorale: bool) -> Work:
    # forceSource: read the score itself, not music21's pickled cache of it
    score = music21.corpus.parse(f"bach/{name}", forceSource=True)
    soprano = _soprano(score)
    if soprano is None:
        return Work(name, chorale, (), Counter({"works without a soprano": 1}))
    left_out: Counter[str] = Counter()
    notes, windows = _notes(soprano), []
    for start, reason in _bars(soprano):
        if reason:
            left_out[reason] += 1
        else:
            windows.append(_window(notes, start))
    return Work(name, chorale, tuple(windows), left_out)


def _soprano(score: Any) -> Any | None:
    """The part that is called soprano, or the top one of four."""
    parts = list(score.parts)
    named = [part for part in parts if "soprano" in str(part.partName).lower()]
    return named[0] if named else parts[0] if len(parts) == 4 else None


def _bars(part: Any) -> list[tuple[int, str]]:
    """(tick of the bar line, why the bar cannot be used or "") of every measure."""
    found: list[tuple[int, str]] = []
    meter = ""
    for measure in part.getElementsByClass("Measure"):
        meter = measure.timeSignature.ratioString if measure.timeSignature else meter
        found.append((_ticks(measure.offset), _unusable(measure, meter)))
    return found


def _unusable(measure: Any, meter: str) -> str:
    if meter != "4/4":
        return "bars not in 4/4"
    if measure.hasVoices() or measure.getElementsByClass("Chord"):
        return "bars with chords or voices"
    if sum(Fraction(n.quarterLength) for n in measure.notesAndRests) != 4:
        return "bars that are not full (pick-ups, repeats in mid-bar)"
    return ""


def _notes(part: Any) -> list[Note]:
    """The part's notes in ticks from its start, ties joined, grace notes dropped."""
    notes: list[Note] = []
    for measure in part.getElementsByClass("Measure"):
        for note in measure.recurse().getElementsByClass("Note"):
            onset = _ticks(note.getOffsetInHierarchy(part))
            duration = _ticks(note.quarterLength)
            before = notes[-1] if notes else None
            tied = note.tie is not None and note.tie.type in ("stop", "continue")
            if tied and before and (before.end, before.pitch) == (onset, note.pitch.midi):
                notes[-1] = Note(before.onset, before.pitch, before.duration + duration)
            elif duration:
                notes.append(Note(onset, note.pitch.midi, duration))
    return notes


def _window(notes: list[Note], start: int) -> Window:
    meter = Meter()
    inside = (n.moved(-start) for n in notes if n.end > start and n.onset < start + meter.bar_ticks)
    return Window.of(inside, meter=meter)


def _ticks(quarters: float | Fraction) -> int:
    return round(Fraction(quarters).limit_denominator(96) * TICKS_PER_QUARTER)
