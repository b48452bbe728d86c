from __future__ import annotations

import pytest
import torch

from training.geodesics import energy as energies
from training.geodesics import sampled
from training.geodesics.curve import Ends, line
from training.geodesics.energy import Cost, energy
from training.geodesics.moons import Trained


@pytest.mark.parametrize(("anew", "cost"), [(False, energies.squared), (True, energies.anew)])
def test_closed_forms_are_the_means_of_draws(anew: bool, cost: Cost, trained: Trained) -> None:
    torch.manual_seed(0)
    paths = line(Ends(trained.encodings[:1], trained.encodings[1:2]), 8)
    closed = energy(trained.decoder, cost)(paths).item()
    drawn = sampled.energy(trained.decoder, paths[0], 40_000, anew=anew)
    assert drawn == pytest.approx(closed, rel=5e-3)


def test_the_expected_metric_is_the_mean_of_drawn_ones(trained: Trained) -> None:
    torch.manual_seed(0)
    at = trained.encodings[:1] + 0.2  # where σ has a slope that counts
    (closed,) = energies.metric(trained.decoder, at)
    drawn = sampled.metric(trained.decoder, at[0], 200_000)
    assert (drawn - closed).norm() < 5e-3 * closed.norm()


def test_draws_that_do_not_fill_a_part_count_as_well() -> None:
    """One output, μ = z, and no noise at all: any number of draws gives the very energy."""
    path = torch.tensor([[0.0], [1.0], [3.0]])
    found = sampled.energy(lambda z: torch.cat([z, 0 * z], 1), path, 5000, anew=True)
    assert found == pytest.approx(2.5)
