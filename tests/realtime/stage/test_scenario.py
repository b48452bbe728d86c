"""Figures beside their marks, and the numbers that they are made of."""

from __future__ import annotations

import math

import pytest

from realtime.stage.scenario import Figure, from_median, percentile, spread


@pytest.mark.parametrize(
    ("value", "must", "at_least", "met"),
    [
        (1.0, 1.0, False, True),
        (1.1, 1.0, False, False),
        (5.0, 5.0, True, True),
        (4.9, 5.0, True, False),
        (4.9, None, False, None),
        (math.nan, 1.0, False, False),  # nothing was measured: no mark is reached
        (math.nan, 1.0, True, False),
    ],
)
def test_a_mark_is_reached_or_not(value: float, must: float | None, at_least: bool, met: bool):
    assert Figure("lateness", value, "ms", must, at_least).met is met


def test_percentiles_are_values_that_were_there():
    values = [float(n) for n in range(1000)]
    assert (percentile(values, 50), percentile(values, 99), percentile(values, 100)) == (
        500.0,
        990.0,
        999.0,
    )
    assert spread([v + 70 for v in values]) == 490
    assert from_median([3.0, 1.0, 2.0]) == [1.0, -1.0, 0.0]
    assert math.isnan(percentile([], 50))
