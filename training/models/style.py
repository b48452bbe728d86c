"""Where a value of an attribute stands in its style: the normal deviate of its percentile.

A dimension that is spread so is spread as the prior is, and a knob's place is a percentile.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor, nn

Floats = NDArray[np.float64]


class Style(nn.Module):
    """One attribute's table: every value that it can have, on an even lattice, and its place."""

    places: Tensor  # [V], rising

    def __init__(self, low: float, grain: float, count: int) -> None:
        """Values low, low + grain, …: `count` of them, each with a place of its own."""
        super().__init__()
        self.low, self.grain = low, grain
        self.register_buffer("places", torch.linspace(-3, 3, count))

    @property
    def lattice(self) -> Tensor:
        return self.low + self.grain * torch.arange(len(self.places), device=self.places.device)

    def learn(self, seen: Floats) -> None:
        """Take the places from the values [N] of the style's windows."""
        values, scores = normal_scores(np.round((seen - self.low) / self.grain))
        found = between(np.arange(float(len(self.places))), values, scores)
        self.places.copy_(torch.as_tensor(found))

    @property
    def middles(self) -> Tensor:
        """Between each two places [V − 1]: who has passed so many stands for that value."""
        return (self.places[1:] + self.places[:-1]) / 2

    def place(self, a: Tensor) -> Tensor:
        """Of values, any shape: the nearest on the lattice has it."""
        index = ((a - self.low) / self.grain).round().long()
        return self.places[index.clamp(0, len(self.places) - 1)]

    def index(self, place: Tensor) -> Tensor:
        """The value [B] whose place lies nearest to [B], as its number on the lattice."""
        return (place[:, None] > self.middles).sum(1)

    def value(self, place: Tensor) -> Tensor:
        return self.low + self.grain * self.index(place)


def normal_scores(seen: Floats) -> tuple[Floats, Floats]:
    """What there is among values [N], rising, and the score of each.

    Equal ones share the mean of the scores that they would have in a row.
    """
    values, counts = np.unique(seen, return_counts=True)
    edges = norm.ppf(np.concatenate([[0], counts.cumsum()]) / len(seen))
    density = norm.pdf(edges)  # ∫ x φ(x) dx between two edges is the fall of φ between them
    return values, (density[:-1] - density[1:]) * len(seen) / counts


def between(a: Floats, values: Floats, scores: Floats) -> Floats:
    """Scores of a [N]: between two values that were seen, on the line between.

    Beyond the last ones the line goes on as steeply as all of the table does: 1 a value where it
    has a single one.
    """
    span = values[-1] - values[0]
    slope = (scores[-1] - scores[0]) / span if span else 1.0
    inside = np.clip(a, values[0], values[-1])
    return np.interp(inside, values, scores) + slope * (a - inside)
