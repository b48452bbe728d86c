from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from training.geodesics.curve import Ends, curve, line, through


@given(st.integers(0, 1000), st.integers(1, 40))
def test_ends_are_exact_to_the_last_bit(seed: int, steps: int) -> None:
    torch.manual_seed(seed)
    ends = Ends(torch.randn(3, 5), torch.randn(3, 5))
    points = curve(ends, 9 * torch.randn(3, 5), steps)
    assert points.shape == (3, steps + 1, 5)
    assert torch.equal(points[:, 0], ends.start)
    assert torch.equal(points[:, -1], ends.stop)


def test_a_curve_by_hand() -> None:
    """2 t² + (3 − 1 − 2) t + 1 at 0, ½ and 1; beside it the line."""
    ends, bend = Ends(torch.tensor([[1.0]]), torch.tensor([[3.0]])), torch.tensor([[2.0]])
    assert curve(ends, bend, 2).flatten().tolist() == [1, 1.5, 3]
    assert line(ends, 2).flatten().tolist() == [1, 2, 3]


def test_a_curve_is_quadratic_in_each_dimension() -> None:
    ends, bend = Ends(torch.randn(2, 3), torch.randn(2, 3)), torch.randn(2, 3)
    bent = curve(ends, bend, 8).diff(dim=1).diff(dim=1)
    torch.testing.assert_close(bent, (2 * bend / 64)[:, None].expand(2, 7, 3), atol=1e-5, rtol=0)


def test_a_curve_through_a_place_is_there_half_of_the_way() -> None:
    ends, middle = Ends(torch.randn(4, 2), torch.randn(4, 2)), torch.tensor([0.3, -2.0])
    points = curve(ends, through(ends, middle), 2)
    torch.testing.assert_close(points[:, 1], middle.expand(4, 2))


def test_some_of_the_ends() -> None:
    ends = Ends(torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [4.0]]))
    kept = ends.some(torch.tensor([1]))
    assert (kept.start.tolist(), kept.stop.tolist()) == ([[2.0]], [[4.0]])
