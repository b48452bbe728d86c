"""The song in an Ableton Link session: its tempo, its bar lines, and a start that may be shared.

A session has one tempo and beats that all see at one time; its bars begin at whole multiples of a
bar. Where a song begins is its own affair: tick 0 is put on the next of the session's bar lines. It
is told where the session stands some fifty times a second (`Beat`) and says what it asks of the
session (`Order`). Nothing here knows the library; `realtime.ports.link` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from presets.bar import TICKS_PER_QUARTER
from realtime.events import Halted, Moment, Ramp, Rolling
from realtime.transport import Change, Map, ticks_a_second

LEAP = TICKS_PER_QUARTER // 4  # ticks; a session that is further off than this is another one


@dataclass(frozen=True, slots=True)
class Beat:
    """At `time`, in monotonic seconds, the session was at `beat`, in quarter notes."""

    time: float
    beat: float
    bpm: float
    playing: bool  # as those have it who start and stop together
    peers: int  # others in the session


@dataclass(frozen=True, slots=True)
class JoinSession:
    """Into the session that is there, with its tempo; or else into one of our own, with ours."""

    bpm: float
    bar: float  # quarter notes


@dataclass(frozen=True, slots=True)
class LeaveSession:
    pass


@dataclass(frozen=True, slots=True)
class SetSessionTempo:
    bpm: float


@dataclass(frozen=True, slots=True)
class SetPlaying:
    on: bool


Order = JoinSession | LeaveSession | SetSessionTempo | SetPlaying


class Linked:
    """A `Transport` of the session's tempo. `say` takes what is asked of the session."""

    def __init__(self, bpm: float, bar: int, say: Callable[[Order], None]) -> None:
        """`bar` is in ticks. It joins at once, and knows where the session is when it is told."""
        self.map = Map(0, 0, ticks_a_second(bpm), rolling=False)
        self.peers = 0
        self._bar = bar
        self._say = say
        self._beat: Beat | None = None  # the last one heard
        self._origin = 0.0  # where the song's tick 0 is, in the session's ticks
        self._count_in: int | None = None  # of a song that begins once the session is known
        self._ramp: Map | None = None  # the tempo is led along this
        say(JoinSession(bpm, bar / TICKS_PER_QUARTER))

    def resume(self, moment: Moment) -> None:
        """Go on as if nothing had been between, until the session is found again."""
        self.map = Map.of(moment)

    def hear(self, beat: Beat) -> tuple[Change, ...]:
        """Where the session is now: the song is put right, begins, or stops with the others."""
        playing = self._beat is not None and self._beat.playing
        self._beat, self.peers = beat, beat.peers
        changes = self._follow(beat)
        if beat.playing != playing:
            changes += self.roll(beat.time) if beat.playing else self.halt(beat.time)
        self._lead(beat.time)
        return changes

    def roll(self, time: float, count_in: int = 0) -> tuple[Change, ...]:
        """Begin `count_in` ticks after the next bar line; until tick 0 the song is on its way."""
        if self.map.rolling or self._count_in is not None:
            return ()
        if self._beat is None:
            self._count_in = count_in
            return ()
        return self._begin(time, self._beat, -count_in)

    def halt(self, time: float) -> tuple[Change, ...]:
        self._count_in = self._ramp = None
        if not self.map.rolling:
            return ()
        self.map = replace(self.map.at(time), rolling=False)
        return (Halted(math.floor(self.map.tick)),)

    def set_tempo(self, time: float, bpm: float, beats: float = 0) -> None:
        """Change the session's tempo, in so many quarter notes if the song rolls."""
        self._ramp = None
        if beats and self.map.rolling:
            here = self.map.at(time)
            ramp = Ramp(here.tick + beats * TICKS_PER_QUARTER, ticks_a_second(bpm))
            self._ramp = replace(here, ramp=ramp)
        else:
            self._say(SetSessionTempo(bpm))

    def share(self, on: bool) -> None:
        """Start or stop those too who start and stop together."""
        self._say(SetPlaying(on))

    def _follow(self, beat: Beat) -> tuple[Change, ...]:
        if self._count_in is not None:
            count_in, self._count_in = self._count_in, None
            return self._begin(beat.time, beat, -count_in)
        expected = self.map.tick_at(beat.time)
        rate = ticks_a_second(beat.bpm)
        if not self.map.rolling:
            self.map = replace(self.map, time=beat.time, rate=rate)
            return ()
        off = beat.beat * TICKS_PER_QUARTER - self._origin - expected
        bars = self._bar * round(off / self._bar)  # which bar it is, is the song's affair
        if abs(off - bars) > LEAP:
            first = math.ceil(expected / self._bar) * self._bar
            return (*self.halt(beat.time), *self._begin(beat.time, beat, first))
        self._origin += bars
        self.map = Map(expected + off - bars, beat.time, rate, rolling=True)
        return ()

    def _begin(self, time: float, beat: Beat, first: int) -> tuple[Change, ...]:
        """Roll so that the tick `first` falls on the session's next bar line."""
        rate = ticks_a_second(beat.bpm)
        place = beat.beat * TICKS_PER_QUARTER + (time - beat.time) * rate
        self._origin = math.ceil(place / self._bar) * self._bar - first
        self.map = Map(place - self._origin, time, rate, rolling=True)
        return (Rolling(math.floor(self.map.tick)),)

    def _lead(self, time: float) -> None:
        """A session knows no ramps: its tempo is set anew each time it is heard."""
        if self._ramp is not None:
            here = self._ramp.at(time)
            self._say(SetSessionTempo(here.rate * 60 / TICKS_PER_QUARTER))
            self._ramp = here if here.ramp else None
