"""The window that was played and the one that is heard, as surfaces are told them: flat lists of
whole numbers.

First the tick of the song at which the heard one begins to sound and the ticks in it, then onset,
duration, pitch and velocity of each note, from the window's start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from presets.bar import Note, Window
from presets.encoding import Grid
from realtime.events import Echo
from realtime.state import Taken
from realtime.states import ROOT

PLAYED, HEARD = f"{ROOT}/window/played", f"{ROOT}/window/heard"
MOST = 160  # notes that are told, the first ones: a datagram of 3.3 kB at the most


class Sounding(Protocol):
    """A window on its way."""

    taken: Taken
    sounds: Window | None
    flying: int | None


class Told:
    """What surfaces know of windows: they are told only what is another."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, ...]] = {}

    def tell(self, start: int, grid: Grid, window: Sounding | None) -> Iterator[Echo]:
        """Of what sounds from the tick `start` on."""
        silence = Window((), grid.bars, grid.meter)
        yield from self._tell(PLAYED, flat(start, window.taken.window if window else silence))
        if window is None or window.flying is None:
            heard = window.sounds if window else None
            yield from self._tell(HEARD, flat(start, heard or silence))

    def _tell(self, address: str, numbers: tuple[int, ...]) -> Iterator[Echo]:
        if self._last.get(address) != numbers:
            self._last[address] = numbers
            yield Echo(address, numbers)


def flat(start: int, window: Window) -> tuple[int, ...]:
    notes = window.notes[:MOST]
    told = (number for n in notes for number in (n.onset, n.duration, n.pitch, n.velocity))
    return (start, window.length, *map(int, told))


def read(numbers: Sequence[int]) -> tuple[int, int, tuple[Note, ...]]:
    """The tick it begins at, the ticks in it, and its notes."""
    start, length, *rest = numbers
    each = zip(*(rest[part::4] for part in range(4)), strict=True)
    return start, length, tuple(Note(on, pitch, long, strong) for on, long, pitch, strong in each)


def taken_over(before: Window | None, after: Window, since: int) -> Window:
    """What is heard where `after` takes the place of `before` at the tick `since` of the window:
    what sounds then and is not held is closed, what is held and does not sound is struck."""
    if before is None or since <= 0:
        return after
    held = {n.pitch: n for n in after.notes if n.onset < since < n.end}
    gone = [n for n in before.notes if n.onset < since]
    ringing = {n.pitch for n in gone if n.end >= since}
    kept = [replace(n, duration=_end(n, held, since) - n.onset) for n in gone]
    struck = [
        replace(n, onset=since, duration=n.end - since)
        for pitch, n in held.items()
        if pitch not in ringing
    ]
    later = [n for n in after.notes if n.onset >= since]
    return Window.of((*kept, *struck, *later), after.bars, after.meter)


def _end(note: Note, held: dict[int, Note], since: int) -> int:
    if note.end < since:
        return note.end
    return held[note.pitch].end if note.pitch in held else since
