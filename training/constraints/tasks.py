"""What a critic learns: of which points, under which conditions, and what is true there.

Three kinds. *Rules* are found out by decoding: nobody labels anything, and the decoder need not be
differentiable (section 6). *Realism* is where a point comes from: an encoding is real, a draw from
the prior and what an actor made of one are not (section 3). *Labels* are both at once: real is the
encoding of a window that is labelled with what is asked (sections 4 and 5).

Shapes: B batch, Z latent, Y conditions, J judgements of one critic.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from presets.encoding import Tokens
from presets.rules import Menu, Rule, Y
from training.constraints.memory import Decoded, Memory
from training.constraints.space import Space

Act = Callable[[Tensor, Tensor], Tensor]  # z [B, Z], y [B, Y] → z′ [B, Z]


class Lesson(NamedTuple):
    """For a critic."""

    points: Tensor  # [B, Z]
    y: Tensor  # [B, Y]
    truth: Tensor  # 0 … 1 [B, J]
    others: Tensor  # [B, Z]: between these and the points its slope should be 1


class Task(ABC):
    space: Space

    @property
    @abstractmethod
    def judges(self) -> int: ...

    @property
    @abstractmethod
    def menus(self) -> Sequence[Menu]:
        """What y chooses from: an entry of y for each of theirs."""

    @property
    def conditions(self) -> int:
        return sum(len(menu.entries) for menu in self.menus)

    @abstractmethod
    def asked(self, count: int) -> Tensor:
        """Conditions as they are drawn in training [B, Y]; Y is 0 where there are none."""

    @abstractmethod
    def lesson(self, act: Act, count: int, *, prior: bool) -> Lesson:
        """prior: unmoved draws from the prior in place of moved ones."""


@dataclass
class Rules(Task):
    """Several rules at once: y is all of their menus in a row, and each has a judgement."""

    space: Space
    rules: Sequence[Rule]
    draw: np.random.Generator
    remembered: int = 0  # points whose tokens are kept; 0: a lesson is all new, as published
    share: float = 1 / 16  # of a lesson that is new where there is a memory

    def __post_init__(self) -> None:
        self._memory: Memory | None = None

    @property
    def judges(self) -> int:
        return len(self.rules)

    @property
    def menus(self) -> Sequence[Menu]:
        return [menu for rule in self.rules for menu in rule.menus]

    def asked(self, count: int) -> Tensor:
        drawn = [rule.drawn(count, self.draw) for rule in self.rules]
        return torch.from_numpy(np.concatenate(drawn, 1))

    def lesson(self, act: Act, count: int, *, prior: bool) -> Lesson:
        if not self.remembered:
            return self._lesson(self._decoded(act, count, prior=prior))
        if self._memory is None:
            self._memory = Memory(self._decoded(act, self.remembered, prior=True))
        self._memory.add(self._decoded(act, max(1, int(count * self.share)), prior=prior))
        found = self._memory.draw(count)
        else_ = torch.rand(count, 1) < 0.5  # half are asked for something else than they were
        return self._lesson(replace(found, y=torch.where(else_, self.asked(count), found.y)))

    def _decoded(self, act: Act, count: int, *, prior: bool) -> Decoded:
        z, y = self.space.prior(count), self.asked(count)
        with torch.no_grad():
            moved = act(z, y)
        points, others = (z, moved) if prior else (moved, z)
        return Decoded(points, others, y, self.space.decode(points))

    def _lesson(self, found: Decoded) -> Lesson:
        return Lesson(found.points, found.y, self.judged(found.tokens, found.y), found.others)

    def scores(self, z: Tensor, y: Tensor) -> Tensor:
        """What every rule says of what is decoded at z [B, J]."""
        return self.judged(self.space.decode(z), y)

    def judged(self, tokens: Tokens, y: Tensor) -> Tensor:
        """What every rule says of windows [B, T] under y [B, Y]: [B, J]."""
        encoding = self.space.encoding
        each = zip(self.rules, self._own(y.numpy()), strict=True)
        found = [rule.judge(tokens, encoding, own) for rule, own in each]
        return torch.from_numpy(np.stack(found, 1).astype(np.float32))

    def _own(self, y: Y) -> Sequence[Y]:
        """Each rule's part of it."""
        ends = np.cumsum([sum(len(menu.entries) for menu in rule.menus) for rule in self.rules])
        return np.split(y, ends[:-1].tolist(), 1)


@dataclass
class Labels(Rules):
    """D(z, y): is this where a window of the style is encoded that does all that y asks?

    The labels are what the rules say of the window itself; nothing is decoded.
    """

    tries: int = 8  # at asking a window for what it does: half a lesson's should be true

    def lesson(self, act: Act, count: int, *, prior: bool) -> Lesson:
        real, tokens = self.space.known(count)
        y, truth = self._labelled(tokens)
        z = self.space.prior(count)
        with torch.no_grad():
            false = z if prior else act(z, y)
        points, others = torch.cat([real, false]), torch.cat([false, real])
        return Lesson(
            points, torch.cat([y, y]), torch.cat([truth, torch.zeros_like(truth)]), others
        )

    def _labelled(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """What each window is asked for, and 1 for every rule that it keeps whole."""
        y = self.asked(len(tokens))
        truth = self._kept(tokens, y)
        for _ in range(self.tries):
            other = self.asked(len(tokens))
            kept = self._kept(tokens, other)
            wanted = (torch.rand(len(tokens), 1) < 0.5) & (kept.sum(1) > truth.sum(1))[:, None]
            y, truth = torch.where(wanted, other, y), torch.where(wanted, kept, truth)
        return y, truth

    def _kept(self, tokens: Tokens, y: Tensor) -> Tensor:
        return (self.judged(tokens, y) >= 1).float()


@dataclass
class Realism(Task):
    """D_real: is this point where windows of the style are encoded?"""

    space: Space

    @property
    def judges(self) -> int:
        return 1

    @property
    def menus(self) -> Sequence[Menu]:
        return ()

    def asked(self, count: int) -> Tensor:
        return torch.zeros(count, 0)

    def lesson(self, act: Act, count: int, *, prior: bool) -> Lesson:
        real, z = self.space.encoded(count), self.space.prior(count)
        with torch.no_grad():
            false = z if prior else act(z, self.asked(count))
        points = torch.cat([real, false])
        truth = torch.cat([torch.ones(count, 1), torch.zeros(count, 1)])
        return Lesson(points, self.asked(2 * count), truth, torch.cat([false, real]))
