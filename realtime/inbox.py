"""A queue that never grows without bound: when it is full, what comes is dropped and counted."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """Many threads put, one thread takes.

    `put` never waits and runs almost wholly in C, so that a MIDI driver's callback, or a signal
    handler, may call it. The bound is kept to within the number of threads that put at once.
    """

    def __init__(self, limit: int = 4096) -> None:
        self.limit = limit
        self.dropped = 0
        self._deepest = 0
        self._queue: SimpleQueue[T] = SimpleQueue()

    def put(self, item: T) -> None:
        if self._queue.qsize() < self.limit:
            self._queue.put(item)
        else:
            self.dropped += 1

    def insist(self, item: T) -> None:
        """Put it though the queue is full: for what comes once, and must not be missed."""
        self._queue.put(item)

    def take(self, until: float | None = None) -> T | None:
        """The next item, or None when the monotonic clock has reached `until` (None: wait on)."""
        try:
            if until is None:
                item = self._queue.get()
            else:
                item = self._queue.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return None
        waited = self._queue.qsize() + 1  # the most since the last one was taken
        if waited > self._deepest:
            self._deepest = waited
        return item

    def deepest(self) -> int:
        """The most that waited since this was last asked, to within what comes just now."""
        deepest, self._deepest = max(self._deepest, self._queue.qsize()), 0
        return deepest
