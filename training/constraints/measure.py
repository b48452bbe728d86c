"""What an actor and a critic are worth, on draws that neither has learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.constraints.fit import Pair
from training.constraints.space import Space
from training.constraints.tasks import Realism, Rules

DRAWS = 2000

Figures = dict[str, float]


@torch.no_grad()
def rules(made: Pair, task: Rules, names: Sequence[str]) -> Figures:
    """Of new draws, asked for anything that can be asked: mean scores and the share that does all
    of it, as they are and moved; how far they moved (Table 2's columns)."""
    z, y = task.space.prior(DRAWS), task.asked(DRAWS)
    moved = made.actor(z, y)
    found = {"z_mse": ((moved - z) ** 2).mean().item()}
    for when, points in (("prior", z), ("moved", moved)):
        scores = task.scores(points, y)
        for name, column in zip(names, scores.T, strict=True):
            found[f"{when}/{name}"] = column.mean().item()
            found[f"{when}/{name} satisfied"] = (column >= 1).float().mean().item()
    return found


@torch.no_grad()
def realism(made: Pair, task: Realism, unseen: Space) -> Figures:
    """unseen: the same space with windows that were not learnt. How surely the critic tells their
    encodings, and moved draws, from draws from the prior (areas under the ROC curve), and what it
    says of encodings that it learnt and that it did not: as much, if it learnt no window by heart.
    """
    z = task.space.prior(DRAWS)
    y = task.asked(DRAWS)
    moved = made.actor(z, y)
    prior = made.critic(z, y)[:, 0]
    points = {"learnt": task.space.encoded(DRAWS), "unseen": unseen.encoded(DRAWS), "moved": moved}
    found = {"z_mse": ((moved - z) ** 2).mean().item()}
    found["prior/held real"] = (prior > 0).float().mean().item()
    for name, where in points.items():
        logit = made.critic(where, y)[:, 0]
        found[f"{name}/auc"] = auc(logit, prior)
        found[f"{name}/held real"] = (logit > 0).float().mean().item()
    return found


def auc(true: Tensor, false: Tensor) -> float:
    """The chance that one of `true` is higher than one of `false`; a tie counts half [N], [M]."""
    above, same = true[:, None] > false, true[:, None] == false
    return (above.float() + 0.5 * same.float()).mean().item()
