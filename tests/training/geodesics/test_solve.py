from __future__ import annotations

import torch
from torch import Tensor

from training.geodesics.curve import Ends, curve, line
from training.geodesics.energy import anew, energy, squared
from training.geodesics.solve import Fit, Ridges, descend, solve, unsure, warm

ENDS = Ends(torch.tensor([[-1.0, 0.0], [-1.0, 0.1]]), torch.tensor([[1.0, 0.0], [1.0, -0.2]]))


def flat(z: Tensor) -> Tensor:
    return z


def hill(z: Tensor) -> Tensor:
    """A plane with a hill in the middle: its height is one more output."""
    return torch.cat([z, 3 * torch.exp(-4 * z.square().sum(1, keepdim=True))], 1)


def above(z: Tensor) -> Tensor:
    """Sure where z1 is about 1."""
    return torch.exp(-2 * (z[:, 1] - 1) ** 2) + 1e-3


RIDGES = Ridges(above, torch.tensor([[0.0, 1.0], [0.0, -1.0]]))


def test_where_a_decoder_is_flat_nothing_bends() -> None:
    """From bends at random, and whatever the first stage says."""
    torch.manual_seed(0)
    cost = energy(flat, squared)
    fit = Fit(patience=1000)
    found = descend(lambda bend: cost(curve(ENDS, bend, 16)), torch.randn(2, 2), 300, fit)
    assert found.bend.abs().max() < 0.02
    assert solve(ENDS, cost, RIDGES).bend.abs().max() < 0.1
    assert solve(ENDS, cost).bend.abs().max() == 0


def test_a_hill_is_gone_around() -> None:
    found = solve(ENDS, energy(hill, squared), RIDGES)
    assert (found.energy < 0.5 * found.line).all()
    middle = curve(ENDS, found.bend, 2)[:, 1]
    assert (middle[:, 1].abs() > 0.4).all()


def test_a_warm_start_leaves_a_line_that_has_no_slope() -> None:
    """The first pair's line goes over the very top, where neither side is downhill."""
    ends, cost = ENDS.some(torch.tensor([0])), energy(hill, squared)
    cold, led = solve(ends, cost), solve(ends, cost, RIDGES)
    assert torch.equal(cold.energy, cold.line)
    assert led.energy.item() < 0.5 * cold.energy.item()


def test_the_first_stage_goes_where_the_model_is_sure() -> None:
    paths = [curve(ENDS, bend, 32) for bend in warm(ENDS, RIDGES, Fit())]
    for path in paths:
        assert (unsure(path, above) < unsure(line(ENDS, 32), above)).all()
    assert (paths[1][:, 16, 1] > 0.5).all()


def test_without_centres_the_first_stage_begins_at_the_line() -> None:
    alone = warm(ENDS, Ridges(above, torch.zeros(0, 2)), Fit())
    assert len(alone) == 1
    assert torch.equal(alone[0], warm(ENDS, RIDGES, Fit())[0])


def test_no_geodesic_costs_more_than_its_line() -> None:
    """Not even of a decoder with no sense in it, led astray."""
    torch.manual_seed(0)
    weights = 5 * torch.randn(3, 8)

    def rough(z: Tensor) -> Tensor:
        return torch.sin(z @ weights) ** 2 + 0.1

    ends = Ends(torch.randn(200, 3), torch.randn(200, 3))
    astray = Ridges(lambda z: torch.exp(z.sum(1)), torch.randn(4, 3))
    for cost in (squared, anew):
        for ridges in (None, astray):
            of = energy(rough, cost)
            found = solve(ends, of, ridges, Fit(warms=10, descents=5, lr=1.0))
            assert (found.energy <= found.line).all()
            torch.testing.assert_close(found.energy, of(curve(ends, found.bend, Fit().steps)))
            torch.testing.assert_close(found.line, of(line(ends, Fit().steps)))


def test_no_pair_waits_for_another() -> None:
    fit = Fit(patience=1000, descents=20)
    together = solve(ENDS, energy(hill, squared), RIDGES, fit)
    for k in range(2):
        alone = solve(ENDS.some(torch.tensor([k])), energy(hill, squared), RIDGES, fit)
        torch.testing.assert_close(alone.bend[0], together.bend[k])


def test_iterations_are_counted_and_none_is_lost() -> None:
    found = solve(ENDS, energy(hill, squared), RIDGES, Fit(descents=30, patience=1000))
    assert found.history.shape == (31, 2)
    assert (found.history.diff(dim=0) <= 0).all()
    assert torch.equal(found.history[-1], found.energy)


def test_a_descent_that_gains_nothing_ends() -> None:
    found = solve(ENDS, energy(flat, squared), None, Fit(patience=5))
    assert found.history.shape == (6, 2)
