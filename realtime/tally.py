"""What the engine tells of all that is counted: its own, the player's and the household's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from realtime.events import Report

TELL_EVERY = 1.0  # s between two tellings
LOG_EVERY = 10.0  # s between two lines in the log


class Tally:
    """Told at most once a second, and once more when all is still. Times are monotonic seconds."""

    def __init__(self, own: Callable[[], Mapping[str, float]]) -> None:
        self.next: float | None = None  # when to tell; None: nothing has happened since
        self._own = own
        self._others: dict[str, Mapping[str, float]] = {}  # by who reported them
        self._told = self._logged = float("-inf")

    def hear(self, report: Report) -> None:
        self._others[report.of] = report.counts

    def stir(self, now: float) -> None:
        """Something happened: counters may have changed."""
        if self.next is None:
            self.next = max(now, self._told + TELL_EVERY)

    def tell(self, now: float) -> dict[str, float]:
        """Everything that is counted, if it is time to tell it; else nothing."""
        if self.next is None or now < self.next:
            return {}
        self.next, self._told = None, now
        return self.all()

    def logs(self, now: float) -> bool:
        """Whether a line in the log is due; then it is taken to be written."""
        if now < self._logged + LOG_EVERY:
            return False
        self._logged = now
        return True

    def all(self) -> dict[str, float]:
        """What several of them count is the sum of what each one says."""
        counts: Counter[str] = Counter()
        for part in (*self._others.values(), self._own()):
            counts.update(part)
        return dict(counts)
