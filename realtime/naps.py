"""Whether the machine has slept: one clock stands still meanwhile, another does not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

NAP = 1.0  # s by which the clocks come apart when it has


def _whole() -> float:
    """A clock that also counts while the machine sleeps, where there is one beside the other."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class Naps:
    """`awake` stands still in a sleep, as the clock of glissar does on Linux and macOS; on Windows
    it goes on, and a sleep shows as time in which nothing was done."""

    def __init__(
        self, awake: Callable[[], float] = time.monotonic, whole: Callable[[], float] = _whole
    ) -> None:
        self._awake, self._whole = awake, whole
        self._apart = whole() - awake()

    def over(self) -> bool:
        """Whether it has slept since this was asked last."""
        before, self._apart = self._apart, self._whole() - self._awake()
        return self._apart - before > NAP
