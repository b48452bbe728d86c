"""MIDI clock for others to follow: start, 24 clocks a quarter note, and stop."""

from __future__ import annotations

from realtime.follower import TICKS_PER_CLOCK, TICKS_PER_SIXTEENTH

CLOCK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
LEAD = 0.001  # s that MIDI 1.0 asks for between a start and its first clock
AHEAD = 10  # ticks by which start or continue goes before its clock: over LEAD at any tempo
POSITIONS = 1 << 14  # song positions that there are: 1024 bars of 4/4, then they begin anew


class ClockOut:
    """Says its messages as `Metronome` says its clicks, by the tick.

    While the song stands still there are no clocks: what is sent is the song, and a receiver that
    counts whatever comes stays with it. Clocks of a count-in go before the start, which no receiver
    counts but from which it has the tempo.
    """

    def __init__(self, on: bool) -> None:
        self.on = on
        self._clock: int | None = None  # the tick of the next one
        self._go: tuple[int, bytes] | None = None  # (tick, start or continue) that is to come

    def locate(self, tick: int) -> list[bytes]:
        """The song rolls from `tick` on. What is said at once; the rest comes in its ticks.

        A song position counts in sixteenths, so a song that is past its beginning is continued on
        the next one. Whoever follows may still roll, for a player that died, and is stopped first:
        a position is for those that stand.
        """
        if not self.on:
            return []
        said = [STOP] if tick > 0 or self._clock is not None else []
        self._clock = -(-tick // TICKS_PER_CLOCK) * TICKS_PER_CLOCK
        position = max(0, -(-tick // TICKS_PER_SIXTEENTH))
        first = position * TICKS_PER_SIXTEENTH - AHEAD
        if position == 0:
            self._go = first, START
            return said
        self._go = first, CONTINUE
        place = position % POSITIONS
        return [*said, bytes((0xF2, place & 0x7F, place >> 7))]

    def next_tick(self) -> int | None:
        ticks = [t for t in (self._clock, self._go and self._go[0]) if t is not None]
        return min(ticks, default=None)

    def due(self, tick: int) -> list[bytes]:
        """All up to and including `tick`; late ones too, since receivers count."""
        said: list[bytes] = []
        while (now := self.next_tick()) is not None and now <= tick:
            said.append(self._say(now))
        return said

    def close(self) -> list[bytes]:
        """Whoever follows stops, until the song is located again."""
        rolls, self._clock, self._go = self._clock is not None, None, None
        return [STOP] if rolls else []

    def _say(self, tick: int) -> bytes:
        if self._go and self._go[0] == tick:
            _, message = self._go
            self._go = None
            return message
        self._clock = tick + TICKS_PER_CLOCK
        return CLOCK
