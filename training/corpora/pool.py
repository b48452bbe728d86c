"""Work for all cores, in order, with only a few pieces of it in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 8  # items a core that may wait or lie ready: no core idles, and memory stays flat


def on_all_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`work(item)` of every item, in order. `work` is a module's function; what it raises, we do.

    Processes are started afresh and not forked: a fork copies locks that torch's threads may hold.
    """
    cores = os.cpu_count() or 1
    waiting: deque[Future[Result]] = deque()
    pool = ProcessPoolExecutor(cores, get_context("spawn"))
    try:
        for item in items:
            if len(waiting) == AHEAD * cores:
                yield waiting.popleft().result()
            waiting.append(pool.submit(work, item))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
