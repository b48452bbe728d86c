"""What is to be expected of a window's attributes, in closed form, so that a decoder can learn it.

Given z the steps of a window are independent: step t is struck with chance q_t, and where it is
struck its pitch is p with chance π_t(p). Density, rhythm, range and contour are then exact
expectations of `presets.attributes`, in their scale. The others are quotients: numerator and
denominator are exact, the quotient is so where the denominator hardly varies.

Where every step is decided (each q_t is 0 or 1, each π_t one pitch) all are the attribute itself.
Shapes: B windows, T steps, P pitches in order, a semitone apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from presets.attributes import RANGE
from training.evaluation.coherence import KEYS

LITTLE = 1e-6  # chances are kept that far from 1 inside logarithms, and sums from 0 below


class Chances(NamedTuple):
    struck: Tensor  # q [B, T]
    pitch: Tensor  # π [B, T, P]
    weight: Tensor  # metrical complexity of each step [T]
    low: int  # MIDI pitch of the first of P

    @property
    def height(self) -> Tensor:
        """The pitch to be expected of each step, were it struck, in semitones over `low` [B, T]."""
        return self.pitch @ torch.arange(self.pitch.shape[-1]).to(self.pitch)

    @property
    def notes(self) -> Tensor:
        """How many notes [B]."""
        return self.struck.sum(1)


def density(of: Chances) -> Tensor:
    return of.struck.mean(1)


def rhythm(of: Chances) -> Tensor:
    return of.struck @ of.weight / of.weight.sum()


def range_(of: Chances) -> Tensor:
    """A line between two neighbouring pitches lies inside the range if notes are on both sides.

    E[max − min] = Σ over lines of 1 − P(none above) − P(none below) + P(no note at all).
    """
    below = of.pitch.cumsum(2)[..., :-1].clamp(max=1.0)  # a line above each pitch but the last
    q = of.struck[..., None]
    none_above, none_below = _none(q * (1 - below)), _none(q * below)
    lines = 1 - none_above - none_below + _none(q)
    return lines.sum(1) / RANGE


def contour(of: Chances) -> Tensor:
    """Last note less first, each step being either with a chance of its own."""
    first, last = _first(of.struck), _first(of.struck.flip(1)).flip(1)
    return ((last - first) * of.height).sum(1) / RANGE


def register(of: Chances) -> Tensor:
    return of.low + _over((of.struck * of.height).sum(1), of.notes)


def syncopation(of: Chances) -> Tensor:
    return _over(of.struck @ of.weight, of.notes)


def steps(of: Chances) -> Tensor:
    """Of the moves between neighbouring notes, as every two steps may be neighbours."""
    neighbours = _neighbours(of.struck)  # [B, T, T]
    near = _near(of.pitch, range(1, 3)), _near(of.pitch, range(3, of.pitch.shape[-1]))
    stepped, leapt = ((neighbours * moves).sum((1, 2)) for moves in near)
    return 1 - _over(leapt, stepped + leapt)


def in_key(of: Chances, keys: Tensor) -> Tensor:
    """The share of notes in the best of a bar's keys [B]; `keys` [B, 24], as `coherence` has them.

    At least one key each.
    """
    classes = (of.low + torch.arange(of.pitch.shape[-1], device=of.pitch.device)) % 12
    scales = torch.as_tensor(KEYS, dtype=of.pitch.dtype, device=of.pitch.device)[:, classes]
    held = (of.struck[..., None] * of.pitch).sum(1) @ scales.T  # [B, 24]
    best = held.masked_fill(~keys, -torch.inf).max(1).values
    return _over(best, of.notes)


EXPECTED: dict[str, Callable[[Chances], Tensor]] = {
    "rhythm": rhythm,
    "range": range_,
    "density": density,
    "contour": contour,
    "register": register,
    "steps": steps,
    "syncopation": syncopation,
}


def expected(of: Chances, names: tuple[str, ...]) -> Tensor:
    """[B, len(names)], in the scale of `presets.attributes.measure`."""
    return torch.stack([EXPECTED[name](of) for name in names], 1)


def _none(chances: Tensor) -> Tensor:
    """That nothing happens in any step: chances [B, T, …] → [B, …]."""
    return (1 - chances).prod(1)


def _first(struck: Tensor) -> Tensor:
    """That a step is struck and none before it [B, T]."""
    quiet = (1 - struck).cumprod(1)  # up to each step, itself included
    return struck * torch.cat([torch.ones_like(quiet[:, :1]), quiet[:, :-1]], 1)


def _neighbours(struck: Tensor) -> Tensor:
    """That steps s < t are struck and none between them [B, T, T]."""
    quiet = torch.log1p(-struck.clamp(max=1 - LITTLE)).cumsum(1)  # from s to t is a difference
    before = torch.cat([torch.zeros_like(quiet[:, :1]), quiet[:, :-1]], 1)  # of steps before t
    between = (before[:, None, :] - quiet[:, :, None]).clamp(max=0.0).exp()
    return (struck[:, :, None] * struck[:, None, :] * between).triu(1)


def _near(pitch: Tensor, intervals: range) -> Tensor:
    """That pitches of steps s and t lie so many semitones apart, up or down [B, T, T]."""
    size = torch.arange(pitch.shape[-1], device=pitch.device)
    apart = (size[:, None] - size).abs()
    wanted = ((apart >= intervals.start) & (apart < intervals.stop)).to(pitch.dtype)
    return pitch @ wanted @ pitch.transpose(1, 2)


def _over(part: Tensor, whole: Tensor) -> Tensor:
    """part / whole, near 0 where the whole is none."""
    return part / whole.clamp(min=LITTLE)
