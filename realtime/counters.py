"""The player's counters: what went wrong, and how exactly it sends."""

from __future__ import annotations

from collections import Counter, deque

from realtime.events import Report

LATE = 0.005  # s after its time that a send counts as late


class Counters:
    """Reports at most once a second, and only when something changed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(late=0, dropped=0, feedback=0, thru=0)
        self._lateness: deque[float] = deque(maxlen=1024)  # s
        self._reported: dict[str, float] = {}
        self._next = 0.0

    def sent(self, lateness: float) -> None:
        """Something was sent `lateness` seconds after the time that was set for it."""
        self._lateness.append(lateness)
        self.counts["late"] += lateness > LATE

    def report(self, now: float, **gauges: float) -> Report | None:
        if now < self._next:
            return None
        self._next = now + 1.0
        state = {**self.counts, **gauges, **self._jitter()}
        if state == self._reported:
            return None
        self._reported = state
        return Report(state)

    def _jitter(self) -> dict[str, float]:
        """Lateness of what was sent, in ms: the median and the 99th percentile."""
        ranked = sorted(self._lateness) or [0.0]
        return {
            f"jitter_p{p}": round(ranked[min(len(ranked) * p // 100, len(ranked) - 1)] * 1e3, 3)
            for p in (50, 99)
        }
