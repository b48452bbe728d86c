from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from training.models.latent_constraints import (
    REACH,
    Actor,
    Critic,
    Net,
    believed,
    distance,
    satisfied,
    steepness,
)

SMALL = Net(width=16, layers=2)


def test_shapes() -> None:
    z, y = torch.randn(5, 7), torch.randn(5, 3)
    assert Actor(SMALL, 7, 3)(z, y).shape == (5, 7)
    assert Actor(SMALL, 7)(z).shape == (5, 7)
    assert Critic(SMALL, 7, 3, judges=2)(z, y).shape == (5, 2)


def test_the_papers_sizes() -> None:
    """Four layers of 2048 over z = 64 and a condition's 2048, and one more to twice z."""
    large = Actor(Net(width=2048, layers=4), 64, 10)
    shapes = [tuple(p.shape) for p in large.parameters() if p.dim() == 2]
    first, inner, last = (2048, 64 + 2048), (2048, 2048), (128, 2048)
    assert shapes == [(2048, 10), first, inner, inner, inner, last]


@given(st.integers(0, 1000))
def test_gates_keep_or_replace(seed: int) -> None:
    torch.manual_seed(seed)
    actor, z = Actor(SMALL, 4), torch.randn(3, 4)
    with torch.no_grad():
        actor.out.weight.zero_()
        actor.out.bias.copy_(torch.tensor([9.0, 9, 9, 9, -99, 99, 0, 0]))
        moved = actor(z)
    far = REACH * torch.tanh(torch.tensor(9 / REACH))
    expected = torch.stack([z[:, 0], far.expand(3), *((z[:, 2:] + far) / 2).T], 1)
    torch.testing.assert_close(moved, expected)


def test_condition_reaches_the_actor() -> None:
    actor, z = Actor(SMALL, 4, 2), torch.randn(1, 4)
    a, b = (actor(z, torch.tensor([y])) for y in ([1.0, 0.0], [0.0, 1.0]))
    assert not torch.equal(a, b)


def test_cross_entropy_by_hand() -> None:
    """c = 1: −log D; c = 0: −log(1 − D), and not the −(1 − log D) that is printed; a rule's score
    lies between."""
    logit = torch.tensor([[0.7]])
    d = 1 / (1 + math.exp(-0.7))
    for c in (0.0, 0.3, 1.0):
        by_hand = -c * math.log(d) - (1 - c) * math.log(1 - d)
        assert float(believed(logit, torch.tensor([[c]]))) == pytest.approx(by_hand)
    assert float(satisfied(logit)) == pytest.approx(-math.log(d))


def test_distance_by_hand_and_by_a_slow_loop() -> None:
    z, moved = torch.tensor([[0.0, 1.0]]), torch.tensor([[2.0, 1.5]])
    scale = torch.tensor([1.0, 0.5])
    by_hand = math.log(1 + 4) + math.log(1 + 0.25) / 0.25
    assert float(distance(moved, z, scale)) == pytest.approx(by_hand)
    torch.manual_seed(0)
    a, b, s = torch.randn(6, 5), torch.randn(6, 5), torch.rand(5) + 0.1
    slow = [
        sum(math.log(1 + float(a[n, k] - b[n, k]) ** 2) / float(s[k]) ** 2 for k in range(5))
        for n in range(6)
    ]
    assert distance(a, b, s).tolist() == pytest.approx(slow, rel=1e-4)


def test_a_dimension_that_is_all_but_exact_weighs_no_more_than_a_million() -> None:
    z = torch.zeros(1, 1)
    near = distance(z + 1e-2, z, torch.tensor([1e-9]))
    assert float(near) == pytest.approx(1e6 * math.log(1 + 1e-4), rel=1e-3)


class Plane(nn.Module):
    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return 3 * z[:, :1] - 4 * z[:, 1:2]


def test_the_slope_of_a_plane() -> None:
    """‖(3, −4)‖ = 5, wherever it is measured: (5 − 1)² = 16."""
    assert float(
        steepness(Plane(), torch.randn(9, 2), torch.randn(9, 2), torch.zeros(9, 0))
    ) == pytest.approx(16.0)


def test_the_slope_can_be_learnt_away() -> None:
    torch.manual_seed(0)
    critic = Critic(SMALL, 3)
    optimiser = torch.optim.Adam(critic.parameters(), lr=1e-2)
    a, b = torch.randn(64, 3), torch.randn(64, 3)
    before = steepness(critic, a, b, torch.zeros(64, 0)).item()
    for _ in range(60):
        optimiser.zero_grad()
        steepness(critic, a, b, torch.zeros(64, 0)).backward()
        optimiser.step()
    assert steepness(critic, a, b, torch.zeros(64, 0)).item() < 0.1 * before
