"""A critic and an actor against each other, as Gulrajani et al. 2017 train them (appendix)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from msgspec import Struct
from torch import Tensor, nn

from training.constraints.tasks import Task
from training.models.latent_constraints import (
    Actor,
    Critic,
    Net,
    believed,
    distance,
    satisfied,
    steepness,
)


class Fit(Struct, frozen=True, forbid_unknown_fields=True):
    """The paper's numbers, and for the small nets (the large ones are 4 × 2048)."""

    net: Net = Net()
    steps: int = 2000  # of the actor
    critic_steps: int = 10  # to each
    batch: int = 128
    lr: float = 3e-4
    betas: tuple[float, float] = (0.0, 0.9)
    penalty: float = 10.0  # of the critic's slope
    nearness: float = 0.1  # λ_dist


class Pair(NamedTuple):
    actor: Actor
    critic: Critic


class Seen(NamedTuple):
    """After a step of the actor's."""

    step: int
    critic: float  # its loss
    actor: float  # its loss
    moved: float  # mean (z′ − z)²


def pair(net: Net, z: int, conditions: int, judges: int) -> Pair:
    """Untrained."""
    return Pair(Actor(net, z, conditions), Critic(net, z, conditions, judges))


@dataclass
class Fitting:
    """One training: call `steps`, and look at `pair` whenever it yields."""

    pair: Pair
    task: Task
    fit: Fit

    def steps(self) -> Iterator[Seen]:
        critic = self._adam(self.pair.critic)
        actor = self._adam(self.pair.actor)
        judged = 0.0
        for step in range(1, self.fit.steps + 1):
            for turn in range(self.fit.critic_steps):
                judged = _descend(critic, self.criticised(prior=turn == 0))
            moved, value = self.acted()
            yield Seen(step, judged, _descend(actor, value), moved)

    def criticised(self, *, prior: bool) -> Tensor:
        """The critic's loss on one lesson. The prior itself is seen in one of ten."""
        points, y, truth, others = self.task.lesson(self.pair.actor, self.fit.batch, prior=prior)
        critic = self.pair.critic
        return believed(critic(points, y), truth) + self.fit.penalty * steepness(
            critic, points, others, y
        )

    def acted(self) -> tuple[float, Tensor]:
        """How far the actor moves draws from the prior, and its loss there (eq. 3)."""
        z, y = self.task.space.prior(self.fit.batch), self.task.asked(self.fit.batch)
        moved = self.pair.actor(z, y)
        value = satisfied(self.pair.critic(moved, y)) * self.task.judges
        near = distance(moved, z, self.task.space.sigma).mean()
        return ((moved - z) ** 2).mean().item(), value + self.fit.nearness * near

    def _adam(self, net: nn.Module) -> torch.optim.Adam:
        return torch.optim.Adam(net.parameters(), lr=self.fit.lr, betas=self.fit.betas)


def _descend(optimiser: torch.optim.Adam, loss: Tensor) -> float:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()
