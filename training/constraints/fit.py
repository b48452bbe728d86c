"""A critic and an actor against each other, as Gulrajani et al. 2017 train them (appendix)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Annotated, NamedTuple

import torch
from msgspec import Meta, Struct
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

TENTH = 10  # one lesson in so many is about the prior itself


Some = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]
Weight = Annotated[float, Meta(ge=0)]


class Fit(Struct, frozen=True, forbid_unknown_fields=True):
    """How both are trained: what works in two minutes for the small nets.

    As published (appendix): lr 3e-4 all along, critic_steps 10, penalty 10, nearness 0 or .1,
    remembered 0, and 4 layers of 2048. What differs is told in RESULTS.md.
    """

    net: Net = Net()
    first: Count = 250  # steps of the critic alone
    steps: Some = 800  # of the actor
    critic_steps: Some = 2  # to each
    batch: Some = 512
    lr: Annotated[float, Meta(gt=0)] = 1e-3
    slowed: Annotated[float, Meta(ge=0, le=1)] = 0.95  # the share of it that is gone at the end
    betas: tuple[float, float] = (0.0, 0.9)
    penalty: Weight = 0.0  # of the critic's slope
    nearness: Weight = 0.001  # λ_dist
    remembered: Count = 20_000  # decoded points


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
        actor, critic = (self._adam(net) for net in self.pair)
        lessons = count()
        for step in range(1 - self.fit.first, self.fit.steps + 1):
            _slow(
                (actor, critic), self.fit.lr * (1 - self.fit.slowed * max(0, step) / self.fit.steps)
            )
            for _ in range(self.fit.critic_steps):
                judged = _descend(critic, self.criticised(prior=next(lessons) % TENTH == 0))
            if step > 0:
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


def _slow(optimisers: Iterable[torch.optim.Adam], lr: float) -> None:
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = lr


def _descend(optimiser: torch.optim.Adam, loss: Tensor) -> float:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()
