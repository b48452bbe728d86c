"""A part of a music21 score → its full bars of four quarters, and why the others are left out."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from presets.bar import TICKS_PER_QUARTER, Meter, Note, Window

NOT_FULL = "bars that are not full (pick-ups, repeats in mid-bar)"
CHORDS = "bars with chords or voices"


def windows(part: Any, meters: tuple[str, ...]) -> tuple[list[Window], list[int], Counter[str]]:
    """One window for every usable bar, in order, and the tick of its line; how many bars were left
    out for what.

    `meters` are those whose bars last four quarters and count as 4/4.
    """
    notes, found = _notes(part), list[Window]()
    lines: list[int] = []
    left_out: Counter[str] = Counter()
    for start, reason in _bars(part, meters):
        if reason:
            left_out[reason] += 1
        else:
            found.append(_window(notes, start))
            lines.append(start)
    return found, lines, left_out


def _bars(part: Any, meters: tuple[str, ...]) -> list[tuple[int, str]]:
    """(tick of the bar line, why the bar cannot be used or "") of every measure."""
    found: list[tuple[int, str]] = []
    meter = ""
    for measure in part.getElementsByClass("Measure"):
        meter = measure.timeSignature.ratioString if measure.timeSignature else meter
        unfit = "" if meter in meters else f"bars not in {' or '.join(meters)}"
        found.append((_ticks(measure.offset), unfit or _unusable(measure)))
    return found


def _unusable(measure: Any) -> str:
    sounding = [n for n in measure.notesAndRests if "Harmony" not in n.classSet]
    if measure.hasVoices() or any(n.isChord for n in sounding):
        return CHORDS
    if sum(Fraction(n.quarterLength) for n in sounding) != 4:
        return NOT_FULL
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
