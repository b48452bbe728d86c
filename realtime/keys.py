"""Channel messages as the engine is told of them, which keys are down, and who holds them."""

from __future__ import annotations

from realtime.events import Gesture, NoteOff, NoteOn
from realtime.output import CENTRE, SUSTAIN
from realtime.thru import closes_notes

PROGRAM = 0xC0
BANK = (0, 32)  # controls that go with a program change


class Keys:
    """Knows the keys that are down, so that *all notes off* can be told note by note."""

    def __init__(self) -> None:
        self._down: set[tuple[int, int]] = set()  # (channel, pitch)

    def events(self, data: bytes, tick: int) -> list[NoteOn | NoteOff | Gesture]:
        """What a channel message (a `plain` one) at `tick` says."""
        kind, channel = data[0] & 0xF0, data[0] & 0x0F
        if kind == 0x90:
            self._down.add((channel, data[1]))
            return [NoteOn(tick, data[1], data[2], channel)]
        if kind == 0x80:
            self._down.discard((channel, data[1]))
            return [NoteOff(tick, data[1], channel)]
        if closes_notes(data):
            lifted, self._down = sorted(self._down), set()
            return [NoteOff(tick, pitch, held) for held, pitch in lifted]
        if kind == PROGRAM or (kind == 0xB0 and data[1] in BANK):
            return []  # a sound is chosen for the keys, not for the answer a window later
        return [Gesture(tick, data)]


class Hands:
    """What each input holds, so that one that is unplugged lets go of it."""

    def __init__(self) -> None:
        self._held: dict[int, dict[tuple[int, int], bytes]] = {}  # input -> what -> what ends it

    def hear(self, place: int, data: bytes) -> None:
        """A channel message (a `plain` one) of the input at `place`."""
        held, kind, channel = self._held.setdefault(place, {}), data[0] & 0xF0, data[0] & 0x0F
        if kind == 0x90:
            held[(0x80 | channel, data[1])] = bytes((0x80 | channel, data[1], 64))
        elif kind == 0x80 or data[:1] + data[2:] == bytes((0xB0 | channel, 0)):
            held.pop((data[0], data[1]), None)
        elif kind == 0xB0 and data[1] == SUSTAIN:
            held[(data[0], SUSTAIN)] = bytes((data[0], SUSTAIN, 0))
        elif kind == 0xE0:
            held[(data[0], 0)] = data[:1] + CENTRE

    def let_go(self, place: int) -> list[bytes]:
        """What the input would have said, had somebody let go of all keys, the pedal, the bend."""
        return list(self._held.pop(place, {}).values())
