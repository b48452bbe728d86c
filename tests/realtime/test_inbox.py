"""The bounded queue: what it holds, drops and tells of itself."""

from __future__ import annotations

import time

from realtime.inbox import Inbox


def test_a_full_inbox_drops_what_comes():
    inbox = Inbox[int](limit=3)
    for number in range(5):
        inbox.put(number)
    assert [inbox.take(0.0) for _ in range(4)] == [0, 1, 2, None]
    assert inbox.dropped == 2


def test_an_inbox_waits_until_the_time_given():
    inbox, until = Inbox[int](), time.monotonic() + 0.05
    assert inbox.take(until) is None
    assert time.monotonic() >= until - 1e-4


def test_the_most_that_waited_is_told_since_it_was_asked_last():
    inbox = Inbox[int]()
    assert inbox.deepest() == 0
    for count in (3, 7, 1):
        for number in range(count):
            inbox.put(number)
        while inbox.take(0.0) is not None:
            pass
    assert [inbox.deepest(), inbox.deepest()] == [7, 0]
    inbox.put(1)
    assert inbox.deepest() == 1  # it waits now
    inbox.take(0.0)
    assert inbox.deepest() == 1
