"""An attribute as a place in its style: the normal deviate of its percentile.

A dimension that follows it so is spread as the prior is, and a knob's place is a percentile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NormalScores:
    """One attribute's table: what was seen, and the score of each."""

    values: Floats  # [U], rising
    scores: Floats  # [U]

    @staticmethod
    def of(seen: Floats) -> NormalScores:
        """Of values [N]. Equal ones share the mean of the scores that they would have in a row."""
        values, counts = np.unique(seen, return_counts=True)
        edges = norm.ppf(np.concatenate([[0], counts.cumsum()]) / len(seen))
        density = norm.pdf(edges)  # ∫ x φ(x) dx between two edges is the fall of φ between them
        scores = (density[:-1] - density[1:]) * len(seen) / counts
        return NormalScores(values, scores)

    def __call__(self, a: Tensor) -> Tensor:
        """Scores of values, any shape; between two that were seen, of the line between.

        Beyond the last ones the line goes on as steeply as all of the table does.
        """
        values = torch.as_tensor(self.values, dtype=a.dtype, device=a.device)
        scores = torch.as_tensor(self.scores, dtype=a.dtype, device=a.device)
        if len(values) == 1:
            return torch.zeros_like(a)
        right = torch.searchsorted(values, a.contiguous()).clamp(1, len(values) - 1)
        low, high = values[right - 1], values[right]
        share = ((a - low) / (high - low)).clamp(0, 1)
        inside = scores[right - 1] + share * (scores[right] - scores[right - 1])
        slope = (scores[-1] - scores[0]) / (values[-1] - values[0])
        return inside + slope * (a - a.clamp(values[0], values[-1]))
