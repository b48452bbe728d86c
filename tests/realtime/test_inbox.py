"""The bounded queue: what it holds, drops and tells of itself."""

from __future__ import annotations

import threading
import time

from realtime.inbox import BEHIND, Inbox


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


def test_what_is_put_behind_waits_for_all_else_and_the_oldest_goes_first():
    inbox = Inbox[int]()
    for number in range(BEHIND + 2):
        inbox.put_behind(number)
    inbox.put(-1)
    assert inbox.deepest() > BEHIND
    assert [inbox.take(0.0) for _ in range(3)] == [-1, 2, 3]
    inbox.put(-2)
    assert [inbox.take(0.0) for _ in range(2)] == [-2, 4]
    assert inbox.dropped == 2
    rest = [inbox.take(0.0) for _ in range(BEHIND - 3)]
    assert (rest[-1], inbox.take(0.0)) == (BEHIND + 1, None)


def test_what_is_put_behind_wakes_who_waits():
    """Whenever it comes, of many threads, it is taken: no wake is lost."""
    inbox, many = Inbox[int](), 100

    def put() -> None:
        for number in range(many):
            inbox.put_behind(number)

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    taken = [inbox.take() for _ in range(4 * many)]
    assert sorted(number for number in taken if number is not None) == sorted([*range(many)] * 4)
    assert inbox.take(0.0) is None


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
