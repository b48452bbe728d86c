"""Follow an outer MIDI clock: position by counting, tempo and phase by filter.

24 clocks make a quarter note, so the clock numbered n *is* tick 40 n: no rounding, no drift. A
clock passes through drivers that deliver once a period, so it arrives up to some milliseconds
off; between clocks the song moves on at the filtered rate.
"""

from __future__ import annotations

import math

from presets.bar import TICKS_PER_QUARTER
from realtime.events import Halted, Moment, Rolling
from realtime.transport import Change, Map, ticks_a_second

CLOCKS_PER_QUARTER = 24
TICKS_PER_CLOCK = TICKS_PER_QUARTER // CLOCKS_PER_QUARTER
TICKS_PER_SIXTEENTH = TICKS_PER_QUARTER // 4  # the unit of a song position
AHEAD = 2 * TICKS_PER_CLOCK  # how far the song runs past the last clock; then it holds
SILENCE = 4  # clocks that fail to come before the clock counts as stalled
SLOWEST = 0.15  # s; no shorter gap is a stall: at 20 quarter notes a minute a clock takes 0.125


class ClockFilter:
    """When the last clock truly fell, and the time between two: a two-state Kalman filter.

    Variances are in s². A clock arrives about `NOISE` off; the period may wander by `WANDER` from
    one clock to the next, which makes a memory of about one beat. A tempo that leaps shows as two
    surprises to the same side, and opens the filter; one that ramps shows as errors that lean to
    one side by more than chance has them do, and lets the period wander further. After a silence
    the first gap tells how far the tempo is another than it was.
    """

    NOISE = 1.2e-3**2
    WANDER = 1.0e-5**2
    SURPRISE = 0.25  # of a period
    LEAN = 1 / 8  # of each error goes into their mean
    CHANCE = 0.6e-3  # s that the mean of errors leans by itself: twice its deviation

    def __init__(self, bpm: float) -> None:
        self.period = 60 / bpm / CLOCKS_PER_QUARTER
        self.phase = -math.inf  # the filtered time of the last clock
        self._side = 0.0  # of the last surprise; 0: the last clock was none
        self._lean = 0.0  # the mean of the last errors
        self.alone = True  # one clock has come since a silence, or none
        self._pp, self._pd = self.NOISE, 0.0  # variance of the phase, and its covariance with
        self._dd = (0.5 * self.period) ** 2  # the period, whose variance this is

    def clock(self, time: float) -> None:
        if time > self.phase + self.patience:
            self.phase = time
            self._restart()
            return
        error = time - self._predict()
        if self.alone:
            self._learn(error)
        else:
            self._doubt(error)
        self._correct(error)

    @property
    def patience(self) -> float:
        """Seconds without a clock that are a stall."""
        return max(SILENCE * self.period, SLOWEST)

    def _predict(self) -> float:
        self.phase += self.period
        self._pp += 2 * self._pd + self._dd
        self._pd += self._dd
        self._dd += self.WANDER
        return self.phase

    def _correct(self, error: float) -> None:
        total = self._pp + self.NOISE
        gain, slope = self._pp / total, self._pd / total
        self.phase += gain * error
        self.period = max(self.period + slope * error, 1e-3)
        self._dd -= slope * self._pd
        self._pd *= 1 - gain
        self._pp *= 1 - gain

    def _learn(self, error: float) -> None:
        """What chance does not explain of the first gap, its tempo does."""
        self.alone = False
        more = max(error**2 - 2 * self.NOISE, 0.0)
        self._pp += more
        self._pd += more
        self._dd += more

    def _doubt(self, error: float) -> None:
        surprised = abs(error) > self.SURPRISE * self.period
        if surprised and error * self._side > 0:
            self._open(error)
        self._side = error if surprised else 0.0
        if not surprised:
            self._bend(error)

    def _open(self, error: float) -> None:
        self._pp += error**2
        self._pd += error**2 / 2
        self._dd += error**2

    def _bend(self, error: float) -> None:
        self._lean += self.LEAN * (error - self._lean)
        self._dd += (self.LEAN * max(abs(self._lean) - self.CHANCE, 0.0)) ** 2

    def _restart(self) -> None:
        """The first clock after a silence: the phase is as good as one clock, the tempo as was,
        until the next one tells."""
        self.alone = True
        self._side = self._lean = 0.0
        self._pp, self._pd = self.NOISE, 0.0
        self._dd += (0.02 * self.period) ** 2


class Follower:
    """Start, continue, stop, song position and clock, as MIDI 1.0 has them, into a `Map`.

    The first clock after a start is position 0; after a song position and a continue the next clock
    is that position. Clocks between a song position and the continue, and clocks while stopped, are
    not counted; they do feed the tempo. A silent clock holds the song; counting takes it up again.
    """

    def __init__(self, bpm: float) -> None:
        self.map = Map(0, 0, ticks_a_second(bpm), rolling=False)
        self.clocks = 0
        self.stalls = 0
        self._filter = ClockFilter(bpm)
        self._next = 0  # the number of the next clock that counts
        self._armed = False  # the next clock starts the song
        self._last = 0.0  # arrival of the last clock

    @staticmethod
    def resumed(moment: Moment, time: float) -> Follower:
        """Go on from where another follower was, with the clock that comes next after `time`."""
        follower = Follower(moment.rate * 60 / TICKS_PER_QUARTER)
        here = Map.of(moment).tick_at(time)
        follower._next = math.ceil(here / TICKS_PER_CLOCK)
        follower._armed = moment.rolling
        follower.map = Map(here, time, moment.rate, rolling=False)
        return follower

    @property
    def silent_after(self) -> float:
        """The time at which the clock counts as stalled, if no other comes."""
        return self._last + self._filter.patience

    def message(self, time: float, data: bytes) -> tuple[Change, ...]:
        """A system message; those that say nothing of the song change nothing."""
        match data[0]:
            case 0xF8:
                return self.clock(time)
            case 0xFA:
                return self.start(time)
            case 0xFB:
                return self.proceed(time)
            case 0xFC:
                return self.stop(time)
            case 0xF2 if len(data) == 3:
                return self.locate(time, data[1] | data[2] << 7)
            case _:
                return ()

    def clock(self, time: float) -> tuple[Change, ...]:
        self.clocks += 1
        if self.map.rolling and time > self.silent_after:
            self.stalls += 1
        self._last = time
        self._filter.clock(time)
        if self._armed:
            self._armed = False
            return self._go()
        if self.map.rolling:
            self._count()
        return ()

    def start(self, time: float) -> tuple[Change, ...]:
        return self._arm(time, 0)

    def proceed(self, time: float) -> tuple[Change, ...]:
        """MIDI's *continue*. A song that rolls already rolls on."""
        return () if self.map.rolling else self._arm(time, self._next)

    def stop(self, time: float) -> tuple[Change, ...]:
        self._armed = False
        return self._hold(time)

    def locate(self, time: float, sixteenths: int) -> tuple[Change, ...]:
        """A song position. A song that rolls waits there for its *continue*."""
        self._armed = False
        changes = self._hold(time)
        self._place(time, sixteenths * (TICKS_PER_SIXTEENTH // TICKS_PER_CLOCK))
        return changes

    def roll(self, time: float, count_in: int = 0) -> tuple[Change, ...]:
        """The clock's master starts the song, nobody else."""
        return ()

    def halt(self, time: float) -> tuple[Change, ...]:
        """Stop, whatever the master does, until it starts or continues again."""
        return self.stop(time)

    def set_tempo(self, time: float, bpm: float, beats: float = 0) -> None:
        """The clock's master has the tempo."""

    def _arm(self, time: float, number: int) -> tuple[Change, ...]:
        changes = self._hold(time)
        self._place(time, number)
        self._armed = True
        return changes

    def _place(self, time: float, number: int) -> None:
        self._next = number
        self.map = Map(number * TICKS_PER_CLOCK, time, self._rate, rolling=False)

    def _hold(self, time: float) -> tuple[Change, ...]:
        if not self.map.rolling:
            return ()
        tick = self.map.tick_at(time)
        self.map = Map(tick, time, self._rate, rolling=False)
        return (Halted(math.floor(tick)),)

    def _go(self) -> tuple[Change, ...]:
        tick = self._next * TICKS_PER_CLOCK
        self._count()
        return (Rolling(tick),)

    def _count(self) -> None:
        tick = self._next * TICKS_PER_CLOCK
        self._next += 1
        ahead = TICKS_PER_CLOCK if self._filter.alone else AHEAD
        self.map = Map(tick, self._filter.phase, self._rate, rolling=True, limit=tick + ahead)

    @property
    def _rate(self) -> float:
        return TICKS_PER_CLOCK / self._filter.period
