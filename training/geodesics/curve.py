"""A quadratic curve in each dimension, whose ends are fixed (Yang & Hauberg 2018, eq. 5)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Ends(NamedTuple):
    """Pairs of points that are to be joined."""

    start: Tensor  # [B, Z]
    stop: Tensor  # [B, Z]

    def some(self, which: Tensor) -> Ends:
        return Ends(self.start[which], self.stop[which])


def curve(ends: Ends, bend: Tensor, steps: int) -> Tensor:
    """Points [B, steps + 1, Z] at even times from 0 to 1.

    bend: the a of a t² + b t + c, the one unknown that the ends leave [B, Z]; 0 is the straight
    line. Written as the line and a t (t − 1), so that the ends are exact, to the last bit.
    """
    t = torch.linspace(0, 1, steps + 1, dtype=bend.dtype, device=bend.device)[:, None]
    line = (1 - t) * ends.start[:, None] + t * ends.stop[:, None]
    return line + t * (t - 1) * bend[:, None]


def line(ends: Ends, steps: int) -> Tensor:
    """Points [B, steps + 1, Z] of the straight line."""
    return curve(ends, torch.zeros_like(ends.start), steps)


def through(ends: Ends, middle: Tensor) -> Tensor:
    """Bends [B, Z] of curves that are at `middle`, [B, Z] or one for all [Z], half of the way."""
    return 4 * ((ends.start + ends.stop) / 2 - middle)
