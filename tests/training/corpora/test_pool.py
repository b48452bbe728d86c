from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pytest

from training.corpora import pool

# What is worked with comes from the standard library: processes that are started afresh may find
# another package called `tests` before this one (isobar installs one).


def test_results_come_in_order() -> None:
    assert list(pool.on_all_cores(math.isqrt, [n * n for n in range(50)])) == list(range(50))


def test_the_work_is_done_in_other_processes() -> None:
    places = set(pool.on_all_cores(eval, ["__import__('os').getpid()"] * 4))
    assert os.getpid() not in places
    assert all(isinstance(place, int) for place in places)


def test_only_a_few_items_are_taken_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(10_000):
            taken.append(n)
            yield n

    results = pool.on_all_cores(math.isqrt, items())
    assert next(results) == 0
    assert len(taken) <= pool.AHEAD * (os.cpu_count() or 1) + 1
    results.close()


def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="nonnegative"):
        list(pool.on_all_cores(math.isqrt, [1, -1]))
