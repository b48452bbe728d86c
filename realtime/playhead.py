"""When surfaces are told where the song is: once a beat, and as it starts, stops or jumps.

Between two tellings they go by the tempo.
"""

from __future__ import annotations

import math

from realtime.transport import Map

JUMP = 0.03  # s from where the song was thought to be, from which on it is told at once


class Playhead:
    """Times are monotonic seconds; `beat` is in ticks."""

    def __init__(self, beat: int) -> None:
        self.next: float | None = None  # when to tell; None: the song stands, and that was told
        self._beat = beat
        self.map = Map(0.0, 0.0, 1.0, False)  # as the player said last

    def follow(self, map_: Map, now: float) -> None:
        """The player says where the song is."""
        before, self.map = self.map, map_
        ahead = abs(map_.tick_at(now) - before.tick_at(now)) / map_.rate
        if before.rolling != map_.rolling or ahead > JUMP:
            self.next = now
        elif self.next is not None:
            self.next = self._next_beat(now)

    def tick(self, when: float) -> int:
        return round(self.map.tick_at(when))

    def tell(self, now: float) -> int | None:
        """The tick that the song is at, if it is time to tell it."""
        if self.next is None or now < self.next:
            return None
        self.next = self._next_beat(now)
        return self.tick(now)

    def _next_beat(self, now: float) -> float | None:
        beat = math.floor(self.map.tick_at(now) / self._beat + 0.01) + 1
        when = self.map.time_at(beat * self._beat)
        return None if math.isinf(when) else when
