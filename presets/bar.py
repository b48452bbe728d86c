"""Notes in musical time: the words that every other module speaks.

A *tick* is 1/960 of a quarter note, in every meter and at every tempo; times of notes are whole
ticks, so that no rounding ever accumulates. (A position of a model's grid is a *step*; see
`presets.encoding`.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

TICKS_PER_QUARTER = (
    960  # about half a millisecond at 120 BPM; thirds and quarters of a beat are whole
)
METER = r"^([1-9]|1[0-9])/(1|2|4|8|16)$"  # what `Meter.read` takes


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note, in ticks from the start of its window.

    `onset` is negative for a note that was struck before the window and still sounds in it.
    `velocity` is MIDI's, 1 to 127.
    """

    onset: int
    pitch: int
    duration: int
    velocity: int = 64

    @property
    def end(self) -> int:
        return self.onset + self.duration

    def moved(self, ticks: int) -> Note:
        return replace(self, onset=self.onset + ticks)


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature: `beats` of 1/`unit` notes in a bar."""

    beats: int = 4
    unit: int = 4

    @property
    def beat_ticks(self) -> int:
        return TICKS_PER_QUARTER * 4 // self.unit

    @property
    def bar_ticks(self) -> int:
        return self.beats * self.beat_ticks

    @staticmethod
    def read(text: str) -> Meter:
        """A meter as `METER` writes it: "4/4"."""
        beats, unit = text.split("/")
        return Meter(int(beats), int(unit))

    def __str__(self) -> str:
        return f"{self.beats}/{self.unit}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the transport, counted from 0 where the song starts."""

    number: int
    meter: Meter

    @property
    def start(self) -> int:
        return self.number * self.meter.bar_ticks

    @staticmethod
    def at(tick: int, meter: Meter) -> Bar:
        return Bar(tick // meter.bar_ticks, meter)


@dataclass(frozen=True, slots=True)
class Window:
    """What a model sees: the notes of `bars` bars, in order of onset.

    A note may begin before the window (negative onset) and may end after it.
    """

    notes: tuple[Note, ...]
    bars: int = 1
    meter: Meter = Meter()

    @property
    def length(self) -> int:
        """Ticks from the window's first line to its last."""
        return self.bars * self.meter.bar_ticks

    @staticmethod
    def of(notes: Iterable[Note], bars: int = 1, meter: Meter | None = None) -> Window:
        return Window(tuple(sorted(notes)), bars, meter or Meter())


def without_overlaps(notes: Iterable[Note]) -> list[Note]:
    """The notes in order, each cut where its pitch is struck again: MIDI knows one note per key."""
    kept: list[Note] = []
    sounding: dict[int, int] = {}  # pitch -> index in kept
    for note in sorted(notes):
        before = sounding.get(note.pitch)
        if before is not None and kept[before].end > note.onset:
            kept[before] = replace(kept[before], duration=note.onset - kept[before].onset)
        sounding[note.pitch] = len(kept)
        kept.append(note)
    return [note for note in kept if note.duration > 0]
