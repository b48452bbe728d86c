"""Where the song is: the tick → time map, and the internal transport that moves it.

Nothing here reads a clock: times are handed in, in seconds of the monotonic clock.
The follower of an outer MIDI clock is in `realtime.follower`; both are a `Transport`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from presets.bar import TICKS_PER_QUARTER
from realtime.events import Halted, Moment, Ramp, Rolling

Change = Rolling | Halted


def ticks_a_second(bpm: float) -> float:
    return bpm * TICKS_PER_QUARTER / 60


@dataclass(frozen=True, slots=True)
class Map:
    """`tick` falls at `time`; from there on the song moves by `rate` ticks a second, if it rolls.

    It goes no further than `limit`: a followed clock that falls silent holds the song there. On a
    ramp, which begins at `tick`, the rate is a line over ticks: ticks grow exponentially with time.
    """

    tick: float
    time: float
    rate: float
    rolling: bool
    limit: float = math.inf
    ramp: Ramp | None = None

    def tick_at(self, time: float) -> float:
        if not self.rolling:
            return self.tick
        if self.ramp and time > self.time:
            return self._tick_on(self.ramp, time)
        return min(self.tick + (time - self.time) * self.rate, self.limit)

    def time_at(self, tick: float) -> float:
        """When `tick` comes; infinity where it does not come by itself."""
        if not self.rolling or tick > self.limit:
            return math.inf
        if self.ramp and tick > self.tick:
            return self._time_on(self.ramp, tick)
        return self.time + (tick - self.tick) / self.rate

    def at(self, time: float) -> Map:
        """The same map, told from `time` on; a ramp that is over is left out."""
        tick = self.tick_at(time)
        if self.ramp is None:
            return replace(self, tick=tick, time=time)
        if tick >= self.ramp.until:
            return replace(self, tick=tick, time=time, rate=self.ramp.rate, ramp=None)
        part = (tick - self.tick) / (self.ramp.until - self.tick)
        rate = self.rate + (self.ramp.rate - self.rate) * part
        return replace(self, tick=tick, time=time, rate=rate)

    def _tick_on(self, ramp: Ramp, time: float) -> float:
        over = self._time_on(ramp, ramp.until)
        if time >= over:
            return ramp.until + (time - over) * ramp.rate
        slope = (ramp.rate - self.rate) / (ramp.until - self.tick)
        even = (time - self.time) * self.rate
        return self.tick + even * _bent(math.expm1, slope * (time - self.time))

    def _time_on(self, ramp: Ramp, tick: float) -> float:
        inside, whole = min(tick, ramp.until) - self.tick, ramp.until - self.tick
        change = (ramp.rate / self.rate - 1) * (inside / whole)
        after = max(0.0, tick - ramp.until) / ramp.rate
        return self.time + inside / self.rate * _bent(math.log1p, change) + after

    @property
    def moment(self) -> Moment:
        return Moment(self.tick, self.time, self.rate, self.rolling, self.ramp)

    @staticmethod
    def of(moment: Moment) -> Map:
        return Map(moment.tick, moment.time, moment.rate, moment.rolling, ramp=moment.ramp)


def _bent(curve: Callable[[float], float], x: float) -> float:
    """curve(x) / x, of a curve that leaves 0 at a slope of 1."""
    return curve(x) / x if x else 1.0


class Transport(Protocol):
    """A source of musical time. What changes is answered by what the engine is told."""

    @property
    def map(self) -> Map: ...

    def roll(self, time: float, count_in: int = 0) -> tuple[Change, ...]: ...

    def halt(self, time: float) -> tuple[Change, ...]: ...

    def set_tempo(self, time: float, bpm: float, beats: float = 0) -> None: ...


class Internal:
    """The transport of our own: it starts, stops and changes its tempo when it is told to."""

    def __init__(self, bpm: float) -> None:
        self.map: Map = Map(0, 0, ticks_a_second(bpm), rolling=False)

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
        """Stop; a ramp ends where it is."""
        if not self.map.rolling:
            return ()
        self.map = replace(self.map.at(time), rolling=False, ramp=None)
        return (Halted(math.floor(self.map.tick)),)

    def hold(self, since: float, time: float) -> None:
        """Go on at `time` from where the song was at `since`."""
        self.map = replace(self.map.at(since), time=time)

    def set_tempo(self, time: float, bpm: float, beats: float = 0) -> None:
        """Change the tempo from `time` on, in so many quarter notes; the position has no seam.

        A song that stands has no beats to go by: its tempo changes at once.
        """
        here, rate = self.map.at(time), ticks_a_second(bpm)
        until = here.tick + beats * TICKS_PER_QUARTER
        if here.rolling and until > here.tick and rate != here.rate:
            self.map = replace(here, ramp=Ramp(until, rate))
        else:
            self.map = replace(here, rate=rate, ramp=None)
