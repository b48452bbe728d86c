from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from training.models.style import Style, between, normal_scores


def test_many_different_values_get_the_normal_distribution() -> None:
    seen = np.random.default_rng(0).exponential(size=20_000)
    values, scores = normal_scores(seen)
    assert scores.mean() == pytest.approx(0, abs=1e-9)
    assert scores.std() == pytest.approx(1, abs=1e-3)
    for percentile in (0.02, 0.2, 0.5, 0.9):
        at = np.interp(np.quantile(seen, percentile), values, scores)
        assert at == pytest.approx(norm.ppf(percentile), abs=1e-3)


def test_equal_values_share_a_score_which_is_their_mean() -> None:
    values, scores = normal_scores(np.array([1.0, 1.0, 5.0, 5.0]))
    half = np.sqrt(2 / np.pi)  # the mean of a normal deviate above 0
    assert values.tolist() == [1, 5]
    assert scores == pytest.approx([-half, half])
    found = between(np.array([1.0, 5.0, 3.0, -7.0, 9.0]), values, scores)
    assert found == pytest.approx([-half, half, 0, -5 * half, 3 * half])  # the line goes on


def test_one_value_has_the_middle_and_all_others_a_place_too() -> None:
    style = Style(0.0, 0.5, 4)
    style.learn(np.ones(7))
    assert style.places.tolist() == pytest.approx([-2, -1, 0, 1])


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40))
def test_every_value_comes_back_from_its_place(seen: list[int]) -> None:
    style = Style(-2.0, 0.1, 41)
    style.learn(-2.0 + 0.1 * np.array(seen))
    assert (style.places.diff() > 0).all()
    found = style.value(style.place(style.lattice))
    torch.testing.assert_close(found, style.lattice)
    assert style.index(torch.tensor([-1e3, 1e3])).tolist() == [0, 40]


def test_what_lies_between_two_values_stands_for_the_nearer_place() -> None:
    style = Style(0.0, 1.0, 3)
    style.places.copy_(torch.tensor([-1.0, 0.0, 3.0]))
    assert style.index(torch.tensor([-0.6, -0.4, 1.4, 1.6])).tolist() == [0, 1, 1, 2]
