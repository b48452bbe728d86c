"""What is played, passed on at once, and remembered until its note-off."""

from __future__ import annotations

from realtime.output import NOTES_OFF, SOUND_OFF


def is_channel_message(data: bytes) -> bool:
    """Whether it is whole: a status below the system's, and its one or two data bytes."""
    length = 2 if data[0] & 0xE0 == 0xC0 else 3
    return 0x80 <= data[0] < 0xF0 and len(data) == length and max(data[1:]) < 0x80


def plain(data: bytes) -> bytes:
    """A note-on with velocity 0 is a note-off."""
    if data[0] & 0xF0 == 0x90 and data[2] == 0:
        return bytes((0x80 | data[0] & 0x0F, data[1], 64))
    return data


def closes_notes(data: bytes) -> bool:
    """All sound off, all notes off, and the mode changes that imply it."""
    return data[0] & 0xF0 == 0xB0 and (data[1] == SOUND_OFF or data[1] >= NOTES_OFF)


class Thru:
    """`channel` is 0 to 15. Two keys of one pitch, on two input channels, sound as one."""

    def __init__(self, channel: int, on: bool) -> None:
        self.channel = channel
        self.on = on
        self._sounding: set[int] = set()

    def pass_on(self, data: bytes) -> list[bytes]:
        """What to send for a channel message that came in (a `plain` one)."""
        kind, message = data[0] & 0xF0, bytes((data[0] & 0xF0 | self.channel, *data[1:]))
        if kind == 0x80:
            return self._off(data[1], data[2])
        if not self.on:
            return []
        if kind == 0x90:
            closed = self._off(data[1])
            self._sounding.add(data[1])
            return [*closed, message]
        return [*(self.close_all() if closes_notes(data) else ()), message]

    def close_all(self) -> list[bytes]:
        return [off for pitch in sorted(self._sounding) for off in self._off(pitch)]

    def _off(self, pitch: int, velocity: int = 64) -> list[bytes]:
        if pitch not in self._sounding:
            return []
        self._sounding.discard(pitch)
        return [bytes((0x80 | self.channel, pitch, velocity))]
