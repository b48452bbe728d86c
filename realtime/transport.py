"""Where the song is: the tick → time map, and the internal transport that moves it.

Nothing here reads a clock: times are handed in, in seconds of the monotonic clock.
The follower of an outer MIDI clock is in `realtime.follower`; both are a `Transport`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

from presets.bar import TICKS_PER_QUARTER
from realtime.events import Halted, Moment, Rolling

Change = Rolling | Halted


def ticks_a_second(bpm: float) -> float:
    return bpm * TICKS_PER_QUARTER / 60


@dataclass(frozen=True, slots=True)
class Map:
    """`tick` falls at `time`; from there on the song moves by `rate` ticks a second, if it rolls.

    It goes no further than `limit`: a followed clock that falls silent holds the song there.
    """

    tick: float
    time: float
    rate: float
    rolling: bool
    limit: float = math.inf

    def tick_at(self, time: float) -> float:
        if not self.rolling:
            return self.tick
        return min(self.tick + (time - self.time) * self.rate, self.limit)

    def time_at(self, tick: float) -> float:
        """When `tick` comes; infinity where it does not come by itself."""
        if not self.rolling or tick > self.limit:
            return math.inf
        return self.time + (tick - self.tick) / self.rate

    @property
    def moment(self) -> Moment:
        return Moment(self.tick, self.time, self.rate, self.rolling)

    @staticmethod
    def of(moment: Moment) -> Map:
        return Map(moment.tick, moment.time, moment.rate, moment.rolling)


class Transport(Protocol):
    """A source of musical time. What changes is answered by what the engine is told."""

    @property
    def map(self) -> Map: ...

    def roll(self, time: float, count_in: int = 0) -> tuple[Change, ...]: ...

    def halt(self, time: float) -> tuple[Change, ...]: ...

    def set_tempo(self, time: float, bpm: float) -> None: ...


class Internal:
    """The transport of our own: it starts, stops and changes its tempo when it is told to."""

    def __init__(self, bpm: float) -> None:
        self.map = Map(0, 0, ticks_a_second(bpm), rolling=False)

    @staticmethod
    def resumed(moment: Moment) -> Internal:
        """Go on as if nothing had been between: the monotonic clock is the whole machine's."""
        transport = Internal(moment.rate * 60 / TICKS_PER_QUARTER)
        transport.map = Map.of(moment)
        return transport

    def roll(self, time: float, count_in: int = 0) -> tuple[Change, ...]:
        """Start the song, `count_in` ticks before its tick 0. Rolling already, it rolls on."""
        if self.map.rolling:
            return ()
        self.map = replace(self.map, tick=-count_in, time=time, rolling=True)
        return (Rolling(-count_in),)

    def halt(self, time: float) -> tuple[Change, ...]:
        if not self.map.rolling:
            return ()
        self.map = replace(self.map, tick=self.map.tick_at(time), time=time, rolling=False)
        return (Halted(math.floor(self.map.tick)),)

    def set_tempo(self, time: float, bpm: float) -> None:
        """Change the tempo from `time` on; the position has no seam."""
        tick = self.map.tick_at(time)
        self.map = replace(self.map, tick=tick, time=time, rate=ticks_a_second(bpm))
