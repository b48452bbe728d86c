"""Geodesics by stochman (Detlefsen et al. 2021), to compare with: cubic splines by the same kind of
descent. Nothing else here needs it."""

from __future__ import annotations

import torch
from torch import Tensor

from presets.errors import GlissarError
from training.geodesics.curve import Ends
from training.geodesics.energy import Embed


def check() -> None:
    """Raises GlissarError where it is not installed."""
    try:
        import stochman  # noqa: F401
    except ModuleNotFoundError as error:
        raise GlissarError(
            "stochman is not installed, and only --oracle needs it; pip install '.[dev]'."
        ) from error


def splines(embed: Embed, ends: Ends, steps: int) -> Tensor:
    """Points [B, steps + 1, Z] of splines of four pieces, as its own defaults find them: Adam at
    .1, 150 iterations at most, on 20 points. Raises GlissarError."""
    check()
    from stochman.curves import CubicSpline
    from stochman.geodesic import geodesic_minimizing_energy
    from stochman.manifold import EmbeddedManifold

    class Manifold(EmbeddedManifold):
        def embed(self, points: Tensor, jacobian: bool = False) -> Tensor:
            return embed(points.flatten(0, -2)).unflatten(0, points.shape[:-1])

    spline = CubicSpline(*ends)
    geodesic_minimizing_energy(spline, Manifold())
    with torch.no_grad():
        found = spline(torch.linspace(0, 1, steps + 1))
    return found.reshape(len(ends.start), steps + 1, -1)  # a single pair comes without its B
