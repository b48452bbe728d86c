"""What the player counts, told at most once a second and only when it changed."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.counters import LATE, Counters, Spread
from realtime.events import Report
from realtime.states import STATES


def nothing() -> dict[str, float]:
    return {}


def test_a_spread_of_nothing_is_zero() -> None:
    assert Spread().at(50, 99, 100) == [0.0, 0.0, 0.0]


def test_a_spread_is_in_milliseconds() -> None:
    spread = Spread()
    for number in range(100):
        spread.add(number / 1000)
    assert spread.at(50, 99, 100) == [50, 99, 99]


def test_a_spread_forgets_what_was_long_ago() -> None:
    spread = Spread()
    for seconds in (9.0, *[0.001] * 1024):
        spread.add(seconds)
    assert spread.at(100) == [1.0]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=300))
def test_percentiles_are_of_what_was_added_and_in_order(durations: list[float]) -> None:
    spread = Spread()
    for seconds in durations:
        spread.add(seconds)
    median, slow, slowest = spread.at(50, 99, 100)
    told = {round(seconds * 1e3, 3) for seconds in durations}
    assert {median, slow, slowest} <= told
    assert median <= slow <= slowest == max(told)
    assert median == pytest.approx(statistics.median_high(durations) * 1e3, abs=1e-3)


def test_what_is_late_is_counted_and_the_latest_is_told() -> None:
    counters = Counters()
    for lateness in (0.001, LATE, 0.020):
        counters.sent(lateness)
    report = counters.report(0.0, nothing)
    assert report
    assert report.counts["late"] == 1
    assert report.counts["jitter_max"] == 20
    assert report.of == "player"


def test_what_was_passed_on_is_told_in_milliseconds() -> None:
    counters = Counters()
    for seconds in (0.0001, 0.0002, 0.0003):
        counters.passed(seconds)
    report = counters.report(0.0, nothing)
    assert report
    assert (report.counts["thru_p50"], report.counts["thru_p99"]) == (0.2, 0.3)


def test_a_report_comes_at_most_once_a_second_and_only_of_what_changed() -> None:
    counters = Counters()
    told: list[tuple[float, Report]] = []
    for tenth in range(50):
        counters.counts["thru"] = min(tenth, 25)
        if report := counters.report(tenth / 10, nothing):
            told.append((tenth / 10, report))
    assert [(when, report.counts["thru"]) for when, report in told] == [
        *((0.0, 0), (1.0, 10), (2.0, 20), (3.0, 25))
    ]


def test_sources_are_asked_only_when_a_report_is_due() -> None:
    """What they tell may be of the time since they were asked last."""
    counters, asked = Counters(), list[float]()

    def source() -> dict[str, float]:
        asked.append(0.0)
        return {"queue_player": len(asked)}

    counters.sources.append(source)
    reports = [counters.report(now, nothing) for now in (0.0, 0.5, 0.9, 1.0)]
    assert [report and report.counts["queue_player"] for report in reports] == [1, None, None, 2]


def test_every_name_is_in_the_table() -> None:
    report = Counters().report(0.0, nothing)
    assert report
    assert set(report.counts) <= set(STATES)
