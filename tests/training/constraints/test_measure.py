from __future__ import annotations

import pytest
import torch

from training.constraints.measure import auc


@pytest.mark.parametrize(
    ("true", "false", "area"),
    [([2, 3], [0, 1], 1.0), ([0, 1], [2, 3], 0.0), ([1], [1], 0.5), ([1, 3], [0, 2], 0.75)],
)
def test_area_under_the_curve(true: list[float], false: list[float], area: float) -> None:
    assert auc(torch.tensor(true), torch.tensor(false)) == area
