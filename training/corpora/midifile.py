"""A MIDI file as parts of notes and stretches of one meter, in ticks of 1/960 quarter note."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, BinaryIO

import mido
from mido.midifiles.meta import KeySignatureError

from presets.bar import TICKS_PER_QUARTER, Meter, Note

DRUMS = 9  # General MIDI's channel of unpitched notes, as on the wire
UNITS = (1, 2, 4, 8, 16, 32)  # what a time signature may count

Part = Sequence[Note]  # one channel of one track, in order of onset; never empty


class Damaged(Exception):
    """This is no MIDI file with beats; the message says why."""


@dataclass(frozen=True)
class Stretch:
    """Bars of one meter: from `start` up to `end` ticks, None for the last one of a file."""

    start: int
    end: int | None
    meter: Meter

    def holds(self, bar: int) -> bool:
        """Whether its bar of that number, from 0, is a full one."""
        return self.end is None or self.start + (bar + 1) * self.meter.bar_ticks <= self.end


@dataclass(frozen=True)
class Song:
    """A file's parts, drums left out, and its meters."""

    parts: list[Part]
    stretches: list[Stretch]

    @cached_property
    def _starts(self) -> list[int]:
        return [stretch.start for stretch in self.stretches]

    def by_bar(self, part: Part, lead: int) -> Iterator[tuple[Stretch, int, list[Note]]]:
        """The bars in which a part strikes notes: stretch, number of the bar in it, the notes.

        Notes struck up to `lead` ticks before a line belong to the bar after it.
        """
        for (index, bar), notes in groupby(part, lambda note: self._place(note.onset + lead)):
            yield self.stretches[index], bar, list(notes)

    def _place(self, tick: int) -> tuple[int, int]:
        index = bisect_right(self._starts, tick) - 1
        stretch = self.stretches[index]
        return index, (tick - stretch.start) // stretch.meter.bar_ticks


def parse(file: BinaryIO) -> Song:
    """Read a MIDI file. Raises Damaged."""
    try:
        midi = mido.MidiFile(file=file)
    # mido tells of damage by whichever error its parser happens to meet
    except (OSError, EOFError, ValueError, LookupError, KeySignatureError, struct.error) as error:
        why = str(error) or "it ends too early"
        raise Damaged(f"it is no MIDI file, or a damaged one ({why})") from error
    if midi.type == 2 or midi.ticks_per_beat <= 0:
        raise Damaged("it is a kind of MIDI file without beats")
    scale = TICKS_PER_QUARTER / midi.ticks_per_beat
    parts: list[Part] = []
    meters: dict[int, Meter] = {0: Meter()}  # 4/4 until a file says otherwise
    for track in midi.tracks:
        parts += _parts(track, scale)
        meters |= _meters(track, scale)
    return Song(parts, _stretches(meters))


def _parts(track: mido.MidiTrack, scale: float) -> list[Part]:
    """The notes of a track by channel. A key struck again ends its note; so does the track."""
    found: dict[int, list[Note]] = {}
    sounding: dict[tuple[int, int], int] = {}  # (channel, pitch) -> onset
    tick = 0

    def close(key: tuple[int, int]) -> None:
        onset = sounding.pop(key, None)
        if onset is not None:
            found.setdefault(key[0], []).append(Note(onset, key[1], max(1, tick - onset)))

    for now, message in _timed(track, scale):
        tick = now
        if message.type in ("note_on", "note_off") and message.channel != DRUMS:
            close((message.channel, message.note))
            if message.type == "note_on" and message.velocity:
                sounding[message.channel, message.note] = tick
    for key in list(sounding):
        close(key)
    return [sorted(notes) for _, notes in sorted(found.items())]


def _meters(track: mido.MidiTrack, scale: float) -> dict[int, Meter]:
    found: dict[int, Meter] = {}
    for tick, message in _timed(track, scale):
        if message.type == "time_signature":
            if not message.numerator or message.denominator not in UNITS:
                said = f"{message.numerator}/{message.denominator}"
                raise Damaged(f"it has a time signature of {said}")
            found[tick] = Meter(message.numerator, message.denominator)
    return found


def _stretches(meters: dict[int, Meter]) -> list[Stretch]:
    starts = sorted(meters)
    return [
        Stretch(start, end, meters[start])
        for start, end in zip(starts, [*starts[1:], None], strict=True)
    ]


def _timed(track: mido.MidiTrack, scale: float) -> Iterator[tuple[int, Any]]:
    now = 0
    for message in track:
        now += message.time
        yield round(now * scale), message
