"""What a method tells the loop: what to descend, what to watch, when enough is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from torch import Tensor, nn

from training.models.latent_model import LatentModel

Figures = dict[str, float]


class Batch(NamedTuple):
    tokens: Tensor  # [B, T]
    attributes: Tensor  # [B, A], in the order of z
    coin: float  # 0..1, drawn for the batch
    epoch: float  # epochs done, in fractions


class Losses(NamedTuple):
    total: Tensor  # what is descended
    terms: dict[str, Tensor]  # what an epoch's row tells, each a mean over the batch


class Objective(Protocol):
    def losses(self, model: nn.Module, batch: Batch) -> Losses:
        """`model` may be wrapped by Fabric: it is called, and nothing else is asked of it."""
        ...

    def watched(self, model: LatentModel, tokens: Tensor) -> Figures:
        """Figures of its own on the validation windows [N, T]; the model is in eval mode."""
        ...

    def score(self, figures: Figures) -> float:
        """How good an epoch's weights are by its row; the best are kept."""
        ...

    def finished(self, history: Sequence[Figures]) -> bool:
        """Whether to stop before the config's last epoch."""
        ...
