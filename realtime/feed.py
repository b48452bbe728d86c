"""A MIDI file played to glissar as a DAW would play it: start, clocks, notes, stop, in time."""

from __future__ import annotations

import bisect
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from presets.bar import TICKS_PER_QUARTER
from realtime.clock_out import CLOCK, LEAD, START, STOP
from realtime.follower import TICKS_PER_CLOCK
from realtime.keys import PROGRAM
from realtime.midifile import Timed, Tune
from realtime.ports.systems import RtMidiError

USUAL = 500_000  # µs a quarter note where a file says nothing: 120 a minute
SLOWEST, FASTEST = 20.0, 400.0  # quarter notes a minute, as in the settings
SOON = 0.1  # s before the start, in which connections come to be

Score = Sequence[tuple[float, bytes]]  # (seconds from the start, message)


def tempo(tune: Tune) -> float:
    """Quarter notes a minute in which it begins, of those that a clock may be followed at."""
    each = tune.tempos[0][1] if tune.tempos and tune.tempos[0][0] == 0 else USUAL
    return min(max(60e6 / max(each, 1), SLOWEST), FASTEST)


def score(tune: Tune, window: int, delay: int) -> Score:
    """The tune with its clocks, until the answer to its last `window` ticks has sounded, `delay`
    windows later. Clocks go before the notes of their tick. Instruments are not its to choose."""
    windows = -(-max(tune.end, 1) // window)
    end = (windows + delay) * window
    clocks = ((tick, CLOCK) for tick in range(0, end, TICKS_PER_CLOCK))
    notes = (timed for timed in tune.messages if timed[1][0] & 0xF0 != PROGRAM)
    ordered = sorted([*clocks, *notes], key=lambda timed: timed[0])
    return [(0.0, START), *_in_seconds([*ordered, (end, STOP)], tune)]


def _in_seconds(timed: Sequence[Timed], tune: Tune) -> Iterator[tuple[float, bytes]]:
    """A start is a moment before its first clock, and all else after it."""
    changes = [(0, USUAL), *tune.tempos]
    ticks, begun, now = [0], [LEAD], LEAD
    for (tick, each), (until, _) in itertools.pairwise(changes):
        now += (until - tick) * each / TICKS_PER_QUARTER / 1e6
        ticks.append(until)
        begun.append(now)
    for tick, data in timed:
        part = bisect.bisect_right(ticks, tick) - 1
        yield begun[part] + (tick - ticks[part]) * changes[part][1] / TICKS_PER_QUARTER / 1e6, data


class Feed:
    """Plays a score on a thread of its own. `send` is the port's."""

    def __init__(self, send: Callable[[bytes], object], score: Score) -> None:
        self._send, self._score = send, score
        self._over = threading.Event()
        self._down: set[tuple[int, int]] = set()  # (channel, pitch)
        self._thread: threading.Thread | None = None

    def start(self, finished: Callable[[], None]) -> None:
        """Play from now on; `finished` is called at the end, on the feed's thread."""
        self._thread = threading.Thread(target=self._play, args=(finished,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Play no further, and let go of every key."""
        self._over.set()
        if self._thread:
            self._thread.join()

    def _play(self, finished: Callable[[], None]) -> None:
        start = time.monotonic() + SOON
        with contextlib.suppress(RtMidiError):  # the port is gone, and whoever heard it says so
            for seconds, data in self._score:
                if self._over.wait(max(0.0, start + seconds - time.monotonic())):
                    break
                self._send(data)
                self._remember(data)
            for channel, pitch in sorted(self._down):
                self._send(bytes((0x80 | channel, pitch, 64)))
            if self._over.is_set():
                self._send(STOP)
        finished()

    def _remember(self, data: bytes) -> None:
        """Which keys are down."""
        kind, channel = data[0] & 0xF0, data[0] & 0x0F
        if kind == 0x90 and data[2]:
            self._down.add((channel, data[1]))
        elif kind in (0x80, 0x90):
            self._down.discard((channel, data[1]))
