"""The player's counters: what went wrong, and how exactly it sends."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

from realtime.events import Report

LATE = 0.005  # s after its time that a send counts as late
REPORT_EVERY = 1.0  # s between two reports

Source = Callable[[], dict[str, float]]


class Spread:
    """The last 1,024 of some durations, as percentiles in ms. One thread adds, any may look."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=1024)  # s

    def add(self, seconds: float) -> None:
        self._last.append(seconds)

    def at(self, *percentiles: int) -> list[float]:
        """In ms; 0 where there was nothing yet."""
        ranked = sorted(self._last.copy()) or [0.0]  # a copy is one step of the interpreter
        places = (min(len(ranked) * p // 100, len(ranked) - 1) for p in percentiles)
        return [round(ranked[place] * 1e3, 3) for place in places]


class Counters:
    """Reports at most once a second, and only when something changed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(late=0, dropped=0, feedback=0, thru=0)
        self.sources: list[Source] = []  # asked when a report is due
        self._lateness, self._thru = Spread(), Spread()
        self._reported: dict[str, float] = {}
        self._next = 0.0

    def sent(self, lateness: float) -> None:
        """Something was sent `lateness` seconds after the time that was set for it."""
        self._lateness.add(lateness)
        self.counts["late"] += lateness > LATE

    def passed(self, seconds: float) -> None:
        """A message was passed on so long after it arrived."""
        self._thru.add(seconds)

    def report(self, now: float, gauges: Source) -> Report | None:
        if now < self._next:
            return None
        self._next = now + REPORT_EVERY
        state = {**self.counts, **gauges(), **self._times()}
        for source in self.sources:
            state |= source()
        if state == self._reported:
            return None
        self._reported = state
        return Report(state)

    def _times(self) -> dict[str, float]:
        late, later, latest = self._lateness.at(50, 99, 100)
        thru, slower = self._thru.at(50, 99)
        return {
            "jitter_p50": late,
            "jitter_p99": later,
            "jitter_max": latest,
            "thru_p50": thru,
            "thru_p99": slower,
        }
