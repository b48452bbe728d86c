from __future__ import annotations

import pytest
import torch

from training.models.level import FEW, level


@pytest.mark.parametrize("sharp", [1.0, 2.0])
@pytest.mark.parametrize("spread", [0.1, 5.0, 40.0])
def test_so_many_are_to_be_expected(sharp: float, spread: float) -> None:
    torch.manual_seed(0)
    logits = spread * torch.randn(50, 24)
    count = torch.randint(1, 24, (50,))
    found = level(logits, count, sharp)
    chances = torch.sigmoid(sharp * found)
    assert chances.sum(1).numpy() == pytest.approx(count.numpy(), abs=0.02)
    apart = (found - logits)[:, 1:] - (found - logits)[:, :1]
    assert apart.abs().max() < 1e-4  # one number for all


def test_none_and_all_are_nearly_met() -> None:
    found = torch.sigmoid(level(torch.randn(2, 8), torch.tensor([0, 8])))
    assert found.sum(1).tolist() == pytest.approx([FEW, 8 - FEW], abs=1e-3)


def test_its_gradient_is_that_of_finite_differences() -> None:
    torch.manual_seed(1)
    logits = torch.randn(1, 6, dtype=torch.float64, requires_grad=True)
    weights, count = torch.randn(6, dtype=torch.float64), torch.tensor([2])

    def weighed(x: torch.Tensor) -> torch.Tensor:
        return (torch.sigmoid(level(x, count)) * weights).sum()

    weighed(logits).backward()
    assert logits.grad is not None
    for step in range(6):
        away = torch.zeros(1, 6, dtype=torch.float64)
        away[0, step] = 1e-3
        slope = (weighed(logits.detach() + away) - weighed(logits.detach() - away)) / 2e-3
        assert logits.grad[0, step].item() == pytest.approx(slope.item(), abs=1e-3)
