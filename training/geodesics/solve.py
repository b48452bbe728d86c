"""Geodesics in two stages: to where the model is sure, then down the energy (Yang & Hauberg 2018,
"Warm-starting"). All pairs go at once, and none waits for another: each has numbers of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from training.geodesics.curve import Ends, curve, through
from training.geodesics.energy import STEPS, Energy

GAIN = 1e-3  # something, of the loss: far less than what a quadratic curve is off

Sure = Callable[[Tensor], Tensor]  # points [M, Z] → how sure the model is at each, above 0 [M]
Loss = Callable[[Tensor], Tensor]  # bends [B, Z] → what each costs [B]


class Ridges(NamedTuple):
    """What the first stage knows of a model, and never its μ, which is dear."""

    sure: Sure
    centres: Tensor  # places among the encodings [K, Z]; with none, the line is the only start


@dataclass(frozen=True)
class Fit:
    """How a curve is found. lr is in units of the prior's deviation; that and `descents` are the
    first choices of stochman's, with which this is compared."""

    steps: int = STEPS  # N, of every path
    warms: int = 50  # iterations of the first stage, from each of two starts
    descents: int = 150  # … and of the second
    lr: float = 0.1  # of Adam, in both
    patience: int = 20  # iterations that must gain something together, or a stage ends


class Descent(NamedTuple):
    """What Adam found from one start."""

    bend: Tensor  # the best of all iterations [B, Z]
    loss: Tensor  # its [B]
    history: Tensor  # the best so far at the start and after each iteration [K + 1, B]


class Geodesics(NamedTuple):
    """Curves that never cost more than straight lines."""

    bend: Tensor  # [B, Z]
    energy: Tensor  # [B]
    line: Tensor  # the energies of the straight lines [B]
    history: Tensor  # of the second stage [K + 1, B]


def solve(
    ends: Ends, energy: Energy, ridges: Ridges | None = None, fit: Fit | None = None
) -> Geodesics:
    """Quadratic curves of little energy; without `ridges` there is no first stage.

    What costs least of the first stage's curves and of the line is where the second begins, and the
    best of all that it sees is kept, so that no geodesic costs more than its line.
    """
    fit, straight = fit or Fit(), torch.zeros_like(ends.start)

    def cost(bend: Tensor) -> Tensor:
        return energy(curve(ends, bend, fit.steps))

    with torch.no_grad():
        of_line = cost(straight)
    starts = [straight] if ridges is None else [straight, *warm(ends, ridges, fit)]
    found = descend(cost, _least(cost, starts), fit.descents, fit)
    return Geodesics(found.bend, found.loss, of_line, found.history)


def warm(ends: Ends, ridges: Ridges, fit: Fit) -> list[Tensor]:
    """Bends [B, Z] of curves that go where the model is sure: the first stage.

    One from the straight line, as in the paper, and one from the surest of the curves that have a
    centre in their middle: from the line alone many end on the wrong side of a gap.
    """

    def loss(bend: Tensor) -> Tensor:
        return unsure(curve(ends, bend, fit.steps), ridges.sure)

    starts = [torch.zeros_like(ends.start)]
    if len(ridges.centres):
        starts.append(_least(loss, (through(ends, centre) for centre in ridges.centres)))
    return [descend(loss, start, fit.warms, fit).bend for start in starts]


def unsure(paths: Tensor, sure: Sure) -> Tensor:
    """What the first stage descends: minus the mean of log g along paths [B, N + 1, Z] → [B].

    Not of g, as the paper's words might be read: it is a path's worst stretch that a geodesic
    avoids, and there g's own mean has hardly a slope.
    """
    return -sure(paths.flatten(0, 1)).log().unflatten(0, paths.shape[:2]).mean(1)


def descend(loss: Loss, start: Tensor, iterations: int, fit: Fit) -> Descent:
    """Adam on all bends [B, Z], until the slowest of them gains next to nothing. It sees each
    number's own gradients alone, so that a pair goes the same way whatever other pairs there are.
    """
    bend = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([bend], lr=fit.lr)
    best, least = start.clone(), start.new_full((len(start),), torch.inf)
    history: list[Tensor] = []
    for _ in range(iterations + 1):  # the last one only looks
        value = loss(bend)
        now = value.detach()
        better = now < least
        best[better], least = bend.detach()[better], torch.minimum(now, least)
        history.append(least)
        if _calm(history, fit.patience):
            break
        optimiser.zero_grad()
        value.sum().backward()
        optimiser.step()
    return Descent(best, least, torch.stack(history))


def _calm(history: list[Tensor], patience: int) -> bool:
    if len(history) <= patience:
        return False
    before, now = history[-1 - patience], history[-1]
    return bool((before - now <= GAIN * before.abs()).all())


@torch.no_grad()
def _least(loss: Loss, bends: Iterable[Tensor]) -> Tensor:
    """For each pair the one of the bends that costs least [B, Z]; the first of equals."""
    first, *others = bends
    best, least = first.clone(), loss(first)
    for bend in others:
        value = loss(bend)
        better = value < least
        best[better], least = bend[better], torch.minimum(value, least)
    return best
