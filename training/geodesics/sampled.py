"""The same by drawing a decoder's noise, which is what the closed forms are checked against."""

from __future__ import annotations

import torch
from torch import Tensor

from training.geodesics.energy import Embed


@torch.no_grad()
def energy(embed: Embed, path: Tensor, draws: int, *, anew: bool) -> float:
    """Half the mean of Σ |x − x′|² along one path [N + 1, Z], over so many draws of x = μ + σ ⊙ ε;
    embed gives [μ, σ]. ε is drawn for every point anew, or once for all of them."""
    mu, sigma = embed(path).chunk(2, -1)
    points = len(path) if anew else 1
    total = 0.0
    for count in _parts(draws):
        x = mu + sigma * torch.randn(count, points, mu.shape[1])
        total += (x[:, 1:] - x[:, :-1]).pow(2).sum().item()
    return total / draws / 2


@torch.no_grad()
def metric(embed: Embed, z: Tensor, draws: int) -> Tensor:
    """The mean of JᵀJ at one point [Z] → [Z, Z], with J the Jacobian of x = μ + σ ⊙ ε (eq. 2)."""
    jacobian = torch.func.jacrev(lambda point: embed(point[None])[0])(z)
    of_mu, of_sigma = jacobian.chunk(2)  # [D, Z] each
    total = torch.zeros(len(z), len(z))
    for count in _parts(draws):
        drawn = of_mu + torch.randn(count, len(of_mu), 1) * of_sigma
        total += (drawn.mT @ drawn).sum(0)
    return total / draws


def _parts(draws: int, most: int = 4096) -> list[int]:
    """So that all draws never lie in memory at once."""
    whole, rest = divmod(draws, most)
    return [most] * whole + [rest] * (rest > 0)
