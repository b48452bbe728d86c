from __future__ import annotations

import torch

from training.constraints.measure import auc
from training.geodesics.precision import Precision, fit


def ring(count: int) -> torch.Tensor:
    angle = 2 * torch.pi * torch.rand(count)
    points = torch.stack([angle.cos(), angle.sin()], 1)
    return points + 0.05 * torch.randn(count, 2)


def test_shapes_and_the_floor_far_away() -> None:
    torch.manual_seed(0)
    made = Precision(ring(300), outputs=3, floor=4.0)
    far = torch.full((5, 2), 50.0)
    assert made(far).tolist() == [[4.0] * 3] * 5
    assert made.sigma(far).tolist() == [[0.5] * 3] * 5
    assert made.sure(far).tolist() == [4.0] * 5
    assert made.centres.shape == (64, 2)


def test_eq_6_by_hand() -> None:
    """Two centres at 0 and 1, W = 3 and 5, γ = 2."""
    made = Precision(torch.tensor([[0.0], [1.0]]), outputs=1, floor=0.5, count=2)
    with torch.no_grad():
        made.centres.copy_(torch.tensor([[0.0], [1.0]]))
        made.gamma.fill_(2.0)
        made.log_weight.copy_(torch.tensor([[3.0, 5.0]]).log())
        found = made(torch.tensor([[0.0], [3.0]])).flatten()
    near = torch.exp(-2 * torch.tensor([[0.0, 1.0], [9.0, 4.0]]))
    torch.testing.assert_close(found, near @ torch.tensor([3.0, 5.0]) + 0.5)


def test_it_learns_where_errors_are_large() -> None:
    """Deviations of .1 on the left and .3 on the right, of outputs that know nothing else."""
    torch.manual_seed(0)
    z = ring(3000)
    error = torch.where(z[:, :1] < 0, 0.1, 0.3) * torch.randn(3000, 2)
    made = Precision(z, outputs=2, floor=0.1)
    left_over = fit(made, z, error, steps=150)
    left, right = made.sigma(torch.tensor([[-1.0, 0.0], [1.0, 0.0]])).detach().mean(1).tolist()
    assert abs(left - 0.1) < 0.02
    assert abs(right - 0.3) < 0.06
    known = torch.tensor([0.1, 0.3]).log().mean().item() + 0.5  # nats of the deviations themselves
    assert left_over < known + 0.05


def test_it_is_sure_among_the_encodings_and_not_elsewhere() -> None:
    torch.manual_seed(0)
    z = ring(1000)
    made = Precision(z, outputs=2, floor=0.1)
    fit(made, z, 0.1 * torch.randn(1000, 2), steps=50)
    anywhere = 4 * torch.rand(2000, 2) - 2
    off = anywhere[torch.cdist(anywhere, z).amin(1) > 0.3]
    with torch.no_grad():
        assert auc(made.sure(ring(500)), made.sure(off)) > 0.95
        assert (made(anywhere) >= 0.1).all()  # W ≥ 0, so that nothing falls below the floor
