"""The shortest ways of all, on a grid: too slow for more dimensions than two, and a measure there
of what curves are worth."""

from __future__ import annotations

from itertools import pairwise, product
from math import gcd

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from torch import Tensor

from training.geodesics.curve import Ends
from training.geodesics.energy import Embed

SIDE = 161  # places along each of both dimensions
EDGE = 3.0  # deviations of the prior, to either side
JUMP = 3  # places that a step may take, so that a way can turn by some ten degrees

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


def energies(embed: Embed, ends: Ends, side: int) -> Tensor:
    """Half the squared length of the shortest way between each pair [B]: eq. 3's number of a
    geodesic, and what N · `energy.energy` of `squared` comes down to. The ends are in the plane."""
    axis = torch.linspace(-EDGE, EDGE, side)
    places = torch.cat([torch.cartesian_prod(axis, axis), ends.start, ends.stop])
    start, stop = side**2 + np.arange(2 * len(ends.start)).reshape(2, -1)
    near = (ends.stop - ends.start).norm(dim=1).numpy() < JUMP * 2 * EDGE / (side - 1)
    steps = np.concatenate(
        [_between(side), _to_grid(places[side**2 :], side), np.stack([start, stop], 1)[near]]
    )
    graph = coo_matrix((_lengths(embed, places, steps), steps.T), shape=(len(places),) * 2)
    found = dijkstra(graph.tocsr(), directed=False, indices=start)
    return torch.from_numpy(found[np.arange(len(start)), stop] ** 2 / 2)


@torch.no_grad()
def _lengths(embed: Embed, places: Tensor, steps: Numbers) -> Floats:
    """Of steps [M, 2] between numbers of places [P, Z], in pieces no longer than a cell [M]."""
    here, there = (places[torch.from_numpy(side)] for side in steps.T)
    bounds = [embed(torch.lerp(here, there, k / JUMP)) for k in range(JUMP + 1)]
    return torch.stack([(b - a).norm(dim=1) for a, b in pairwise(bounds)]).sum(0).double().numpy()


def _between(side: int) -> Numbers:
    """Which places of the grid [M, 2] are one step apart: all that no third lies between."""
    number = np.arange(side**2).reshape(side, side)
    found = []
    for right, up in product(range(JUMP + 1), range(-JUMP, JUMP + 1)):
        if gcd(right, up) == 1 and (right, up) != (0, -1):
            low, high = max(0, -up), side - max(0, up)
            here = number[: side - right, low:high]
            there = number[right:, low + up : high + up]
            found.append(np.stack([here.ravel(), there.ravel()], 1))
    return np.concatenate(found)


def _to_grid(points: Tensor, side: int) -> Numbers:
    """From each of the points [M, 2], numbered after the grid, to the places around it."""
    corner = ((points + EDGE) / (2 * EDGE) * (side - 1)).floor().long().clamp(0, side - 2).numpy()
    own = side**2 + np.arange(len(points))
    corners = [(corner[:, 0] + i) * side + corner[:, 1] + j for i, j in product((0, 1), (0, 1))]
    return np.concatenate([np.stack([own, place], 1) for place in corners])
