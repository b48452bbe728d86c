"""What a path through a latent space costs (Yang & Hauberg 2018, eqs. 1 to 4).

Eq. 4 does not say whether a decoder's noise ε is drawn once for the whole path or anew at each of
its points, and both are here. They differ by more than a factor. Δ is from one point to the next:

    once:  Σ |Δμ|² + |Δσ|²            in the limit the energy of eq. 3 under the expected metric
    anew:  Σ |Δμ|² + Σ σₙ² + σₙ₊₁²    eq. 4 as it is printed

The first falls as 1 / N; of the second only the part of μ does, so that with many points it asks
for little else than to be where σ is small. So N is fixed: `STEPS`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

STEPS = 32  # N, for a prior of deviation 1: shorter than a gap is wide, or a step leaps over it

Embed = Callable[[Tensor], Tensor]  # points [M, Z] → what stands for each of them [M, E]
Cost = Callable[[Tensor, Tensor], Tensor]  # of steps, from and to [B, N, E] → [B, N]
Energy = Callable[[Tensor], Tensor]  # paths [B, N + 1, Z] → one number for each [B]


def energy(embed: Embed, cost: Cost) -> Energy:
    """Half the sum of what the steps cost (eq. 4), of any decoder: an `embed` and a `cost`.

    `squared` makes it that of an embedded manifold: of [μ, σ] the expected metric's, of 2√p the
    Fisher-Rao metric's. Eq. 3's number, over a path of length 1 in time, is N times this one.
    """

    def of(paths: Tensor) -> Tensor:
        embedded = embed(paths.flatten(0, 1)).unflatten(0, paths.shape[:2])
        return cost(embedded[:, :-1], embedded[:, 1:]).sum(1) / 2

    return of


def squared(here: Tensor, there: Tensor) -> Tensor:
    """|Δe|² of what is embedded [B, N, E]; of [μ, σ] with noise that is drawn once for a path."""
    return ((there - here) ** 2).sum(-1)


def anew(here: Tensor, there: Tensor) -> Tensor:
    """E |x − x′|² of [μ, σ] [B, N, 2 D] with noise that is drawn anew at each point."""
    (mu, sigma), (other_mu, other_sigma) = here.chunk(2, -1), there.chunk(2, -1)
    return squared(mu, other_mu) + (sigma**2 + other_sigma**2).sum(-1)


def metric(embed: Embed, z: Tensor) -> Tensor:
    """JᵀJ of an embedding at points [B, Z] → [B, Z, Z]; of [μ, σ] the expected metric, which is
    JμᵀJμ + JσᵀJσ (Arvanitidis et al. 2018, theorem 1)."""
    jacobian = torch.func.vmap(torch.func.jacrev(lambda point: embed(point[None])[0]))(z)
    return jacobian.mT @ jacobian
