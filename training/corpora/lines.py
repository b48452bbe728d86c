"""A part of a music21 score as one line of sixteenths, its notes by the names they are written by.

A step of the line is the onset of a named note, a hold, or the beginning of a silence. Meters, bar
lines and pick-ups do not matter to it; repeats are not played out; grace notes are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.spelling import HOLD, REST, Codes, code

STEPS = 4  # of a quarter note


@dataclass(frozen=True, eq=False)
class Line:
    """A work's melody."""

    name: str
    steps: Codes  # [L]
    clean: NDArray[np.bool_]  # [L], false where the written music lies off the sixteenths

    def __len__(self) -> int:
        return len(self.steps)


def line(name: str, part: Any) -> Line:
    """What is not monophonic in `part` is not clean; of no part (None) there is an empty line."""
    if part is None:
        return Line(name, np.zeros(0, np.int32), np.zeros(0, np.bool_))
    events = [e for e in part.flatten().notesAndRests if e.quarterLength and not _harmony(e)]
    length = max((ceil(_end(event)) for event in events), default=0)
    steps, clean = np.full(length, HOLD, np.int32), np.ones(length, np.bool_)
    until, silent = Fraction(0), False
    for event in events:
        start, end = _at(event.offset), _end(event)
        if start > until and not silent:
            steps[ceil(until)], silent = REST, True
        if start < until or start % 1 or end % 1 or event.isChord:
            clean[floor(start) : ceil(end)] = False
        elif event.isRest and not silent:
            steps[int(start)] = REST
        elif event.isNote and not _continues(event):
            steps[int(start)] = _code(event)
        until, silent = end, event.isRest
    return Line(name, steps, clean)


def _code(note: Any) -> int:
    return code(note.pitch.step, note.pitch.implicitOctave, note.pitch.midi)


def _continues(note: Any) -> bool:
    return note.tie is not None and note.tie.type in ("stop", "continue")


def _harmony(event: Any) -> bool:
    return "Harmony" in event.classSet


def _at(quarters: Any) -> Fraction:
    return Fraction(quarters).limit_denominator(96) * STEPS


def _end(event: Any) -> Fraction:
    return _at(event.offset) + _at(event.quarterLength)
