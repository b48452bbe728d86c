"""A queue that never grows without bound: when it is full, what comes is dropped and counted."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
BEHIND = 512  # items that may wait behind the others


class _Wake:
    """Put where the taker waits, when something has come behind."""


class Inbox(Generic[T]):
    """Many threads put, one thread takes.

    `put` never waits and runs almost wholly in C, so that a MIDI driver's callback, or a signal
    handler, may call it. The bound is kept to within the number of threads that put at once.
    """

    def __init__(self, limit: int = 4096) -> None:
        self.limit = limit
        self.dropped = 0
        self._deepest = 0
        self._queue: SimpleQueue[T | _Wake] = SimpleQueue()
        self._behind: deque[T] = deque()
        self._woken = False  # a wake is in the queue

    def put(self, item: T) -> None:
        if self._queue.qsize() < self.limit:
            self._queue.put(item)
        else:
            self.dropped += 1

    def insist(self, item: T) -> None:
        """Put it though the queue is full: for what comes once, and must not be missed."""
        self._queue.put(item)

    def put_behind(self, item: T) -> None:
        """For what may flood: it is taken when nothing else waits. When it is too much the oldest
        goes, since of a knob's values the last one counts."""
        self._behind.append(item)
        if len(self._behind) > BEHIND:
            with contextlib.suppress(IndexError):  # it was just taken
                self._behind.popleft()
                self.dropped += 1
        if not self._woken:
            self._woken = True
            self._queue.put(_Wake())

    def take(self, until: float | None = None) -> T | None:
        """The next item, or None when the monotonic clock has reached `until` (None: wait on)."""
        try:
            while isinstance(item := self._get(until), _Wake):
                self._woken = False  # before it is looked behind: who puts later wakes again
        except Empty:
            return None
        waited = self._waiting() + 1  # the most since the last one was taken
        if waited > self._deepest:
            self._deepest = waited
        return item

    def _get(self, until: float | None) -> T | _Wake:
        if self._behind:
            try:
                return self._queue.get_nowait()
            except Empty:
                return self._behind.popleft()
        if until is None:
            return self._queue.get()
        return self._queue.get(timeout=max(0.0, until - time.monotonic()))

    def deepest(self) -> int:
        """The most that waited since this was last asked, to within what comes just now."""
        deepest, self._deepest = max(self._deepest, self._waiting()), 0
        return deepest

    def _waiting(self) -> int:
        return self._queue.qsize() + len(self._behind)
