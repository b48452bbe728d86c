from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from training.corpora import pool


def square(number: int) -> int:
    if number < 0:
        raise ValueError("no")
    return number * number


def place(_: int) -> int:
    return os.getpid()


def test_results_come_in_order() -> None:
    assert list(pool.on_all_cores(square, range(50))) == [n * n for n in range(50)]


def test_the_work_is_done_in_other_processes() -> None:
    assert os.getpid() not in set(pool.on_all_cores(place, range(4)))


def test_only_a_few_items_are_taken_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(10_000):
            taken.append(n)
            yield n

    results = pool.on_all_cores(square, items())
    assert next(results) == 0
    assert len(taken) <= pool.AHEAD * (os.cpu_count() or 1) + 1
    results.close()


def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="no"):
        list(pool.on_all_cores(square, [1, -1]))
