"""The latent space that constraints are learnt in: draws from its prior, what is decoded there, and
where the windows of the style lie in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from presets.encoding import Encoding, Tokens

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Space:
    """One model's latent space."""

    encoding: Encoding
    decode: Callable[[Tensor], Tokens]  # points [B, Z] → the most likely tokens [B, T]
    sigma: Tensor  # σ̄_z, the mean scale of the encodings of training windows [Z]
    windows: Tokens | None = None  # of the style [N, T], if known …
    posterior: tuple[Floats, Floats] | None = None  # … and their μ, σ [N, Z]

    @property
    def z(self) -> int:
        return len(self.sigma)

    def prior(self, count: int) -> Tensor:
        return torch.randn(count, self.z)

    def encoded(self, count: int) -> Tensor:
        """Draws from q(z) = mean of q(z | x) [B, Z]."""
        return self.known(count)[0]

    def known(self, count: int) -> tuple[Tensor, Tokens]:
        """Draws of windows x of the style and of q(z | x): [B, Z], [B, T]."""
        assert self.posterior is not None, "these windows were not encoded"
        assert self.windows is not None
        mu, sigma = self.posterior
        rows = torch.randint(len(mu), (count,)).numpy()
        z = mu[rows] + sigma[rows] * torch.randn(count, self.z).numpy()
        return torch.from_numpy(z), self.windows[rows]
