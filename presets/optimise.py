"""Optimise: a point descends what critics hold against it until they are content with it
(Engel et al. 2018, section 3, G_opt, and Fig. 5).

Adam from the point itself keeps to its neighbourhood, so that what is decoded stays recognisable.
Critics bring their own gradients: nothing here knows of networks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z = NDArray[np.float32]
Floats = NDArray[np.float64]
Judge = Callable[[Z], tuple[Z, Z]]  # points [N, Z] → logits [N], their gradients [N, Z]

STEPS, RATE = 100, 0.1  # the paper's
SURE = 4.0  # the logit from which on a rule counts as kept: a chance, or a score, of 98 %
MEAN, SQUARE, TINY = 0.9, 0.999, 1e-8  # Adam's


class Aim(NamedTuple):
    """A critic, what its word weighs, and the logit from which on it is content."""

    judge: Judge
    weight: float = 1.0
    content: float = 0.0


def optimise(z: Z, aims: Sequence[Aim], steps: int = STEPS, rate: float = RATE) -> Z:
    """z [N, Z], each row moved until every critic is content with it, or `steps` are over.

    A row with which all are content from the start comes back as it is, bit for bit.
    """
    found, going = z.copy(), np.arange(len(z))  # rows that are on their way, and below theirs
    point, mean, square = z.astype(np.float64), np.zeros(z.shape), np.zeros(z.shape)
    for step in range(steps + 1):
        here = point.astype(np.float32)
        discontent, slope = _against(here, aims)
        if not discontent.all():
            found[going] = here
            going, slope = going[discontent], slope[discontent]
            point, mean, square = point[discontent], mean[discontent], square[discontent]
        if not len(going) or step == steps:
            break
        mean += (1 - MEAN) * (slope - mean)
        square += (1 - SQUARE) * (slope**2 - square)
        size = np.sqrt(square / (1 - SQUARE ** (step + 1))) + TINY
        point -= rate / (1 - MEAN ** (step + 1)) * mean / size
    found[going] = point
    return found


def _against(points: Z, aims: Sequence[Aim]) -> tuple[NDArray[np.bool_], Floats]:
    """Whether any critic is discontent [N], and the gradient of Σ −weight · log D [N, Z]."""
    discontent, slope = np.zeros(len(points), np.bool_), np.zeros(points.shape)
    for judge, weight, content in aims:
        logit, gradient = judge(points)
        discontent |= logit < content
        slope -= weight * _doubt(logit)[:, None] * gradient
    return discontent, slope


def _doubt(logit: Z) -> Floats:
    """1 − D, without overflow."""
    return 0.5 * (1 - np.tanh(logit.astype(np.float64) / 2))
