"""What was decoded lately: decoding is the dear part of a lesson, and what a point gave once it
gives again."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from presets.encoding import Tokens


@dataclass(frozen=True)
class Decoded:
    """Points, what each was moved from, what it was moved for, and what is heard there."""

    points: Tensor  # [N, Z]
    others: Tensor  # [N, Z]
    y: Tensor  # [N, Y]
    tokens: Tokens  # [N, T]

    def __len__(self) -> int:
        return len(self.points)


class Memory:
    """Of fixed size: what comes takes the place of the oldest."""

    def __init__(self, first: Decoded) -> None:
        self._held, self._oldest = first, 0

    def add(self, latest: Decoded) -> None:
        rows = (self._oldest + torch.arange(len(latest))) % len(self._held)
        self._held.points[rows] = latest.points
        self._held.others[rows] = latest.others
        self._held.y[rows] = latest.y
        self._held.tokens[rows.numpy()] = latest.tokens
        self._oldest = int(rows[-1] + 1) % len(self._held)

    def draw(self, count: int) -> Decoded:
        rows, held = torch.randint(len(self._held), (count,)), self._held
        return Decoded(
            held.points[rows], held.others[rows], held.y[rows], held.tokens[rows.numpy()]
        )
