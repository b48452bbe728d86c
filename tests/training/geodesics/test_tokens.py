from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from training.geodesics.curve import Ends, line
from training.geodesics.tokens import Near, drawn, energies, mixed


def certain(*tokens: int) -> Tensor:
    """Chances [1, T, 3] of a window that is sure."""
    return F.one_hot(torch.tensor([tokens]), 3).float()


def test_a_token_that_changes_for_sure_costs_two() -> None:
    here, there = certain(0, 1, 2).flatten(1), certain(0, 2, 2).flatten(1)
    assert drawn(here, there).item() == 2
    assert drawn(here, here).item() == 0


def test_being_unsure_costs_even_where_nothing_changes() -> None:
    half = torch.tensor([[0.5, 0.5, 0.0]])
    assert drawn(half, half).item() == pytest.approx(2 * (1 - 0.5))


def test_it_is_what_draws_are_apart() -> None:
    torch.manual_seed(0)
    p, q = torch.rand(2, 4, 5).softmax(-1)
    x, y = (
        F.one_hot(torch.multinomial(each, 200_000, replacement=True), 5).float() for each in (p, q)
    )
    sampled = ((x - y) ** 2).sum((0, 2)).mean()
    closed = drawn(p.flatten()[None], q.flatten()[None])[0]
    assert closed.item() == pytest.approx(sampled.item(), rel=5e-3)


def test_the_energies_of_a_jump() -> None:
    """A step of the grid goes from token 0 to token 1 halfway along a path of two stretches."""

    def chances(z: Tensor) -> Tensor:
        return F.one_hot((z[:, :1] > 0.75).long(), 3).float()

    path = line(Ends(torch.zeros(1, 2), torch.ones(1, 2)), 2)
    found = {name: energy(path).item() for name, energy in energies(chances).items()}
    assert found["drawn"] == found["expected"] == 1.0  # half of |x − x′|² = 2
    assert found["fisher"] == pytest.approx(4.0, rel=1e-3)  # half of 2² + 2²


@pytest.fixture
def near() -> Near:
    torch.manual_seed(0)
    return Near(0.3 * torch.randn(500, 2))


def test_near_the_encodings_a_decoder_is_believed_and_far_from_them_it_is_not(near: Near) -> None:
    sure = mixed(lambda z: certain(1, 2).expand(len(z), -1, -1), near)
    here, far = sure(torch.tensor([[0.0, 0.0], [30.0, 0.0]]))
    torch.testing.assert_close(here, certain(1, 2)[0])
    torch.testing.assert_close(far, torch.full((2, 3), 1 / 3))


def test_half_of_the_encodings_are_near(near: Near) -> None:
    torch.manual_seed(0)
    found = near(0.3 * torch.randn(500, 2))
    assert (found == 1).float().mean().item() == pytest.approx(0.5, abs=0.01)
    assert found.max() == 1
    assert near.sure(torch.zeros(1, 2)).item() > 1
