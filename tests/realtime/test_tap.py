from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.tap import INTERVALS, PAUSE, Tap


def hits(*times: float) -> list[float | None]:
    tap = Tap()
    return [tap.hit(time) for time in times]


def test_the_second_tap_beats_a_tempo():
    assert hits(7.0, 7.5) == [None, 120]


def test_one_tap_that_slips_moves_nothing():
    assert hits(0, 0.5, 1.0, 1.6, 2.0, 2.5)[-1] == pytest.approx(120)


def test_only_the_last_six_intervals_count():
    slow = [float(n) for n in range(5)]
    fast = [4 + 0.25 * n for n in range(1, INTERVALS + 1)]
    assert hits(*slow, *fast)[-1] == pytest.approx(240)


def test_a_pause_begins_anew():
    assert hits(0, 0.5, 0.5 + PAUSE) == [None, 120, pytest.approx(60 / 1.25)]
    assert hits(0, 0.5, 2.51 + 0.5, 3.01 + 0.4) == [None, 120, None, pytest.approx(150)]


def test_two_taps_at_once_are_one():
    assert hits(0, 0, 0.5, 0.4) == [None, None, 120, None]


@given(st.lists(st.floats(-10, 100), max_size=30))
def test_whatever_times_come_a_tempo_is_positive(times: list[float]):
    assert all(bpm is None or bpm > 0 for bpm in hits(*times))


@given(st.lists(st.floats(0.1, PAUSE - 0.01), min_size=1, max_size=30))
def test_the_tempo_lies_between_the_slowest_and_the_quickest(intervals: list[float]):
    bpm = hits(*accumulate(intervals, initial=0.0))[-1]
    last = intervals[-INTERVALS:]
    assert bpm is not None
    assert 60 / max(last) - 1e-6 <= bpm <= 60 / min(last) + 1e-6
