from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.encodings import described


def test_a_dimension_that_says_nothing_costs_nothing() -> None:
    mu, log_sigma = np.zeros((5, 3), np.float32), np.zeros((5, 3), np.float32)
    found = described(mu, log_sigma)
    assert found == {"dimensions": 3, "pinned": 0, "kl": 0.0, "sigma": [1.0, 1.0, 1.0]}


def test_scales_are_means_over_windows_from_the_least() -> None:
    sigma = np.array([[1.0, 0.2], [1.0, 0.6]], np.float32)
    found = described(np.zeros((2, 2), np.float32), np.log(sigma))
    assert found["sigma"] == pytest.approx([0.4, 1.0])
    assert found["pinned"] == 1


def test_kl_is_in_nats_a_window() -> None:
    mu = np.array([[2.0, 0.0], [0.0, 0.0]], np.float32)
    assert described(mu, np.zeros((2, 2), np.float32))["kl"] == pytest.approx(2.0**2 / 2 / 2)
    narrow = np.full((1, 1), np.log(0.1), np.float32)
    expected = 0.5 * (0.1**2 - 1 - 2 * np.log(0.1))
    assert described(np.zeros((1, 1), np.float32), narrow)["kl"] == pytest.approx(expected)
