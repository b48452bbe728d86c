"""Tap tempo: the times of taps in, the tempo that they beat out."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

INTERVALS = 6  # of the last ones, of which the median counts: one tap that slips moves nothing
PAUSE = 2.0  # s; a tap that comes later begins anew


class Tap:
    """`hit` it on every beat. Times are monotonic seconds: ticks would bend with each new tempo."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=INTERVALS + 1)

    def hit(self, time: float) -> float | None:
        """The tempo from the second tap on, in beats a minute, however fast. A tap at the time of
        the last one (two in a bundle), or before it, says nothing."""
        if self._times and time <= self._times[-1]:
            return None
        if self._times and time - self._times[-1] > PAUSE:
            self._times.clear()
        self._times.append(time)
        intervals = [after - before for before, after in pairwise(self._times)]
        return 60 / median(intervals) if intervals else None
