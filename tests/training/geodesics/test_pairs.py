from __future__ import annotations

import pytest
import torch

from training.geodesics import pairs
from training.geodesics.curve import line
from training.geodesics.moons import Trained


def which(trained: Trained, points: torch.Tensor) -> torch.Tensor:
    """The moon of each of some encodings."""
    return trained.moon[torch.cdist(points, trained.encodings).argmin(1)]


def test_the_least_along_a_path_by_hand() -> None:
    paths = torch.tensor([[[0.0], [2.0], [1.0]], [[3.0], [4.0], [5.0]]])
    assert pairs.least(lambda z: z[:, 0], paths).tolist() == [0, 3]


@pytest.mark.parametrize("same", [True, False])
def test_a_gap_lies_between(same: bool, trained: Trained) -> None:
    torch.manual_seed(0)
    ends = pairs.across(trained, 20, same_moon=same)
    assert len(ends.start) == 20
    assert ((which(trained, ends.start) == which(trained, ends.stop)) == same).all()
    sure = trained.decoder.precision.sure
    usual = sure(trained.encodings).quantile(0.01)
    assert (pairs.least(sure, line(ends, 256)) < usual).all()


def test_any_two_are_encodings(trained: Trained) -> None:
    ends = pairs.any_two(trained, 30)
    for points in ends:
        assert points.shape == (30, 2)
        assert torch.cdist(points, trained.encodings).amin() == 0


def test_what_is_off_data_lies_farther_than_unseen_encodings(trained: Trained) -> None:
    torch.manual_seed(0)
    off = pairs.off_data(trained, 400)
    assert 0 < len(off) < 400
    own = torch.cdist(trained.unseen, trained.encodings).amin(1)
    assert torch.cdist(off, trained.encodings).amin() > own.median()
