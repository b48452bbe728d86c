from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from training.evaluation.bootstrap import ByWork, mean

DRAW = np.random.default_rng(0)


def test_a_ratio_is_a_ratio_of_sums() -> None:
    works = ByWork(np.array([0, 0, 4, 4]), seed=0)
    found = works.ratio(np.array([1.0, 0.0, 2.0, 3.0]), np.array([2.0, 2.0, 4.0, 4.0]))
    assert found.value == pytest.approx(6 / 12)
    assert works.works == 2
    assert set(np.round(found.drawn, 6)) == {0.25, 0.5, 0.625}  # one work twice, both, the other


def test_works_that_agree_leave_no_doubt_and_works_that_differ_do() -> None:
    work = np.repeat(np.arange(10), 30)
    alike = ByWork(work, 0).ratio(np.tile(np.arange(30.0), 10))
    unlike = ByWork(work, 0).ratio(np.repeat(np.arange(10.0), 30))
    low, high = alike.interval
    assert low == pytest.approx(alike.value) == pytest.approx(high)
    low, high = unlike.interval
    assert low < unlike.value - 1
    assert high > unlike.value + 1


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        draw = np.random.default_rng(seed)
        work = np.repeat(np.arange(40), 5)
        values = draw.normal(size=40)[work] + draw.normal(size=200)
        low, high = ByWork(work, seed, draws=300).ratio(values).interval
        held += low <= 0 <= high
    assert 0.88 <= held / 200 <= 0.99


def test_the_squared_correlation_is_the_fit_of_a_line() -> None:
    x = DRAW.normal(size=200)
    y = 0.5 * x + DRAW.normal(size=200) + 100
    found = ByWork(np.repeat(np.arange(20), 10), 0).correlation(x, y)
    assert found.value**2 == pytest.approx(
        LinearRegression().fit(x[:, None], y).score(x[:, None], y)
    )
    low, high = found.interval
    assert low < found.value < high


def test_what_does_not_vary_correlates_with_nothing() -> None:
    found = ByWork(np.arange(9), 0).correlation(np.ones(9), np.arange(9.0))
    assert found.value == 0


def test_a_mean_of_figures_shares_their_draws() -> None:
    works = ByWork(np.arange(6), 0)
    one, two = works.ratio(np.arange(6.0)), works.ratio(5 - np.arange(6.0))
    both = mean([one, two])
    assert both.value == pytest.approx(2.5)
    assert both.interval == pytest.approx((2.5, 2.5))
