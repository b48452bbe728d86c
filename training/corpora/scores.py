"""A part of a music21 score → its full bars of four quarters, and why the others are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from presets.bar import TICKS_PER_QUARTER, Meter, Note, Window
from training.corpora import repeats

FULL = 4 * TICKS_PER_QUARTER
NOT_FULL = "bars that are not full (pick-ups, repeats in mid-bar)"
CHORDS = "bars with chords or voices"


class Placed(NamedTuple):
    """A measure where it is read."""

    measure: Any
    start: int  # tick of its line
    meter: str


class Bar(NamedTuple):
    start: int  # ticks
    end: int
    reason: str  # why it cannot be used, or ""


def windows(
    part: Any, meters: tuple[str, ...], rounds: int = 0
) -> tuple[list[Window], list[int], Counter[str]]:
    """One window for every usable bar, in order, and the tick of its line; how many bars were left
    out for what.

    `meters` are those whose bars last four quarters and count as 4/4. Without `rounds` bars are
    taken as they are written; else as they are played, with repeats, so many times through, and two
    short ones that make a full one, as a strain's last bar and the pick-up to it do, are one.
    """
    placed = _played(_written(part), rounds) if rounds else _written(part)
    notes, bars = _notes(placed), _bars(placed, meters)
    found: list[Window] = []
    lines: list[int] = []
    left_out: Counter[str] = Counter()
    for bar in _joined(bars) if rounds else bars:
        if bar.reason:
            left_out[bar.reason] += 1
        else:
            found.append(_window(notes, bar.start))
            lines.append(bar.start)
    return found, lines, left_out


def _written(part: Any) -> list[Placed]:
    found: list[Placed] = []
    meter = ""
    for measure in part.getElementsByClass("Measure"):
        meter = measure.timeSignature.ratioString if measure.timeSignature else meter
        found.append(Placed(measure, _ticks(measure.offset), meter))
    return found


def _played(written: Sequence[Placed], rounds: int) -> list[Placed]:
    found: list[Placed] = []
    now = 0
    for at in rounds * repeats.order([placed.measure for placed in written]):
        found.append(written[at]._replace(start=now))
        now += _ticks(written[at].measure.highestTime)
    return found


def _bars(placed: Sequence[Placed], meters: tuple[str, ...]) -> list[Bar]:
    return [
        Bar(start, start + _ticks(measure.highestTime), _unfit(meter, meters) or _unusable(measure))
        for measure, start, meter in placed
    ]


def _joined(bars: Iterable[Bar]) -> list[Bar]:
    found: list[Bar] = []
    for bar in bars:
        short = bool(found) and found[-1].reason == NOT_FULL == bar.reason
        if short and bar.end - found[-1].start == FULL:
            found[-1] = Bar(found[-1].start, bar.end, "")
        else:
            found.append(bar)
    return found


def _unfit(meter: str, meters: tuple[str, ...]) -> str:
    return "" if meter in meters else f"bars not in {' or '.join(meters)}"


def _unusable(measure: Any) -> str:
    sounding = [n for n in measure.notesAndRests if "Harmony" not in n.classSet]
    if measure.hasVoices() or any(n.isChord for n in sounding):
        return CHORDS
    if sum(Fraction(n.quarterLength) for n in sounding) != 4:
        return NOT_FULL
    return ""


def _notes(placed: Sequence[Placed]) -> list[Note]:
    """The notes of all measures in ticks, ties joined, grace notes dropped."""
    notes: list[Note] = []
    for measure, start, _ in placed:
        for note in measure.recurse().getElementsByClass("Note"):
            onset = start + _ticks(note.getOffsetInHierarchy(measure))
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
