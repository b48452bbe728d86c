"""What the loop, the evaluation and the export ask of a latent model, whatever its method."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple, Protocol

from torch import Tensor, nn


class Sizes(Protocol):
    @property
    def vocabulary(self) -> int: ...
    @property
    def z(self) -> int: ...


class Pass(NamedTuple):
    """A training pass: what the losses need."""

    logits: Tensor  # [B, T, V]
    z: Tensor  # [B, Z], sampled
    mu: Tensor  # [B, Z]
    log_sigma: Tensor  # [B, Z]


class LatentModel(nn.Module, ABC):
    config: Sizes

    @property
    @abstractmethod
    def noise_shape(self) -> tuple[int, int]:
        """(T, V): the decoder's noise, without the batch."""

    @abstractmethod
    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """tokens int64 [B, T] → mu, log_sigma [B, Z]."""

    @abstractmethod
    def decode(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, Z], noise [B, T, V] → tokens int64 [B, T], logits [B, T, V] without the noise.

        Gumbel noise draws from the model's distribution; zeros give the most likely tokens.
        """

    @property
    def keeps(self) -> float:
        """Nats by which the instrument leans to what was played: see `presets.keep`."""
        return 0.0

    def takes(self, dimension: int) -> dict[int, float]:
        """Other dimensions, and how far they move for every 1 that a knob moves this one."""
        return {}

    def clear(self, z: Tensor, noise: Tensor, margin: float) -> Tensor:
        """Whether every token of a window was chosen by `margin` before the next best: bool [B]."""
        _, logits = self.decode(z, noise)
        first, second = (logits + noise).topk(2, -1).values.unbind(-1)
        return ((first - second) >= margin).all(1)
