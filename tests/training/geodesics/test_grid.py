from __future__ import annotations

import torch
from torch import Tensor

from training.geodesics import grid
from training.geodesics.curve import Ends


def test_of_a_flat_plane_it_is_half_the_squared_distance() -> None:
    torch.manual_seed(0)
    ends = Ends(torch.randn(20, 2), torch.randn(20, 2))
    flat = (ends.stop - ends.start).square().sum(1) / 2
    ratio = grid.energies(lambda z: z, ends, side=41) / flat
    assert (ratio > 1 - 1e-5).all()
    assert ratio.median() < 1.03  # a grid's ways turn, but only so far


def test_ends_in_one_cell_go_straight() -> None:
    ends = Ends(torch.tensor([[0.01, 0.0]]), torch.tensor([[0.03, 0.01]]))
    found = grid.energies(lambda z: z, ends, side=41)
    torch.testing.assert_close(found.float(), torch.tensor([0.0005 / 2]))


def test_a_wall_is_gone_around() -> None:
    """It stands at z0 = 0 wherever z1 < 1, too high to climb: over (0, 1) is the shortest way."""

    def wall(z: Tensor) -> Tensor:
        height = 100 * (z[:, :1].abs() < 0.2) * (z[:, 1:] < 1)
        return torch.cat([z, height], 1)

    ends = Ends(torch.tensor([[-1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))
    found = grid.energies(wall, ends, side=61).item()
    around = (2 * (0.8**2 + 1) ** 0.5 + 0.4) ** 2 / 2
    assert around * 0.99 < found < around * 1.15
