from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from training.models.normal_scores import NormalScores


def test_many_different_values_get_the_normal_distribution() -> None:
    seen = np.random.default_rng(0).exponential(size=20_000)
    scores = NormalScores.of(seen)(torch.tensor(seen)).numpy()
    assert scores.mean() == pytest.approx(0, abs=1e-9)
    assert scores.std() == pytest.approx(1, abs=1e-3)
    for percentile in (0.02, 0.2, 0.5, 0.9):
        at = NormalScores.of(seen)(torch.tensor(np.quantile(seen, percentile)))
        assert float(at) == pytest.approx(norm.ppf(percentile), abs=1e-3)


def test_equal_values_share_a_score_which_is_their_mean() -> None:
    table = NormalScores.of(np.array([1.0, 1.0, 5.0, 5.0]))
    half = np.sqrt(2 / np.pi)  # the mean of a normal deviate above 0
    assert table.scores == pytest.approx([-half, half])
    assert table(torch.tensor([1.0, 5.0, 3.0, -7.0, 9.0])).tolist() == pytest.approx(
        [-half, half, 0, -5 * half, 3 * half]  # the line goes on
    )


def test_one_value_says_nothing() -> None:
    assert NormalScores.of(np.ones(5))(torch.tensor([0.0, 1.0, 2.0])).tolist() == [0, 0, 0]


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=40))
def test_order_is_kept(values: list[int]) -> None:
    seen = np.array(values, np.float64)
    scores = NormalScores.of(seen)(torch.tensor(np.sort(seen))).numpy()
    assert (np.diff(scores)[np.diff(np.sort(seen)) > 0] > 0).all()
    assert abs(scores.mean()) < 1e-6
