"""Pairs of encodings to join, and how sure a model is along a path."""

from __future__ import annotations

import torch
from torch import Tensor

from training.geodesics.curve import Ends, line
from training.geodesics.moons import Trained
from training.geodesics.solve import Sure

LOOKS = 256  # steps that a path is looked at by: many more than it was found with
RARE = 0.01  # of encodings are as unsure


def any_two(trained: Trained, count: int) -> Ends:
    """So many pairs of encodings, at random."""
    some = torch.randint(len(trained.encodings), (2, count))
    return Ends(*trained.encodings[some])


def across(trained: Trained, count: int, *, same_moon: bool) -> Ends:
    """… that a gap lies between: somewhere on the straight line g is less than at 99 % of the
    encodings. Of one moon it is the hollow that a way around leads past; between two moons there is
    none."""
    some = torch.randint(len(trained.encodings), (2, 20 * count))
    one, other = trained.moon[some]
    ends = Ends(*trained.encodings[some[:, (one == other) == same_moon]])
    sure = trained.decoder.precision.sure
    with torch.no_grad():
        usual = sure(trained.encodings).quantile(RARE)
        leaves = least(sure, line(ends, LOOKS)) < usual
    return ends.some(leaves.nonzero()[:count, 0])


@torch.no_grad()
def least(sure: Sure, paths: Tensor) -> Tensor:
    """How sure a model is at the worst point of each path: [B, N + 1, Z] → [B]."""
    return sure(paths.flatten(0, 1)).unflatten(0, paths.shape[:2]).amin(1)


def off_data(trained: Trained, count: int) -> Tensor:
    """Draws from the prior [M, Z], M ≤ count, that lie farther from all that was learnt than 99.9 %
    of unseen encodings do."""
    z = torch.randn(count, trained.encodings.shape[1])
    near = torch.cdist(trained.unseen, trained.encodings).amin(1).quantile(0.999)
    return z[torch.cdist(z, trained.encodings).amin(1) > near]
