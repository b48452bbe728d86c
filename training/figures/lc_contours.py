"""What a realism critic holds real, on the plane of the two dimensions that encodings pin down most
(Engel et al. 2018, Fig. 3)."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.figure import Figure

from training.constraints.fit import Pair
from training.constraints.space import Floats, Space
from training.figures import canvas

SIDE = 61  # places along each of both
EDGE = 4.0  # deviations of the prior, to either side
POINTS = 400  # encodings shown


@torch.no_grad()
def contours(made: Pair, learnt: Space, unseen: Space) -> Figure:
    """The critic where all other dimensions are those of the plane's nearest encoding; encodings
    that it learnt on the left, unseen ones on the right."""
    a, b = torch.argsort(learnt.sigma)[:2].tolist()
    page = canvas.page(3.6)
    for ax, (title, space) in zip(
        page.subplots(1, 2, sharex=True, sharey=True),
        {"encodings that were learnt": learnt, "unseen encodings": unseen}.items(),
        strict=True,
    ):
        z = space.encoded(POINTS).numpy()
        places, real = _surface(made, z, a, b)
        ax.contourf(places, places, real, levels=np.linspace(0, 1, 11), alpha=0.8)
        ax.plot(z[:, a], z[:, b], ".", color=canvas.BLACK, markersize=2)
        circle = np.linspace(0, 2 * np.pi, 100)
        for radius in (1, 2, 3):  # deviations of the prior
            ax.plot(radius * np.cos(circle), radius * np.sin(circle), color=canvas.PALE, lw=0.6)
        ax.set_title(title)
        ax.set_xlabel(f"z{a}, σ̄ {space.sigma[a]:.2f}")
        ax.set_ylabel(f"z{b}, σ̄ {space.sigma[b]:.2f}")
        ax.set_aspect("equal")
    return page


def _surface(made: Pair, z: Floats, a: int, b: int) -> tuple[Floats, Floats]:
    """The places [P] along both dimensions, and D there [P, P]."""
    places = np.linspace(-EDGE, EDGE, SIDE, dtype=np.float32)
    where = np.stack(np.meshgrid(places, places), 2).reshape(-1, 2)
    nearest = ((where[:, None] - z[:, [a, b]]) ** 2).sum(2).argmin(1)
    points = z[nearest]
    points[:, [a, b]] = where
    real = made.critic(torch.from_numpy(points), torch.zeros(len(points), 0)).sigmoid()
    return places, real.numpy().reshape(SIDE, SIDE)
