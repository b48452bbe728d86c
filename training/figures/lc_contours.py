"""What a realism critic holds real, on the plane of the two dimensions that encodings pin down most
(Engel et al. 2018, Fig. 3)."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.figure import Figure

from training.constraints.fit import Pair
from training.constraints.space import Floats, Space
from training.figures import canvas

SIDE = 41  # places along each of both
EDGE = 4.0  # deviations of the prior, to either side
POINTS = 400  # encodings shown
OTHERS = 50  # of them, by which a place is judged


@torch.no_grad()
def contours(made: Pair, learnt: Space, unseen: Space) -> Figure:
    """Encodings that the critic learnt on the left, unseen ones on the right; at each place what it
    holds of some of them, were they there."""
    a, b = torch.argsort(learnt.sigma)[:2].tolist()
    page = canvas.page(3.6)
    for ax, (title, space) in zip(
        page.subplots(1, 2, sharex=True, sharey=True),
        {"encodings that were learnt": learnt, "unseen encodings": unseen}.items(),
        strict=True,
    ):
        z = space.encoded(POINTS).numpy()
        real = _surface(made, z, a, b)
        edges = (-EDGE, EDGE, -EDGE, EDGE)
        ax.imshow(real, extent=edges, origin="lower", vmin=0, vmax=1, interpolation="bilinear")
        ax.plot(z[:, a], z[:, b], ".", color=canvas.BLACK, markersize=2)
        circle = np.linspace(0, 2 * np.pi, 100)
        for radius in (1, 2, 3):  # deviations of the prior
            ax.plot(radius * np.cos(circle), radius * np.sin(circle), color=canvas.PALE, lw=0.6)
        ax.set_title(title)
        ax.set_xlabel(f"z{a}, σ̄ {space.sigma[a]:.2f}")
        ax.set_ylabel(f"z{b}, σ̄ {space.sigma[b]:.2f}")
        ax.set_aspect("equal")
    return page


def _surface(made: Pair, z: Floats, a: int, b: int) -> Floats:
    """The mean of D over encodings [N, Z] that are moved to each place of the plane [P, P]."""
    places = np.linspace(-EDGE, EDGE, SIDE, dtype=np.float32)
    real = np.empty((SIDE, SIDE), np.float32)
    points, nothing = z[:OTHERS].copy(), torch.zeros(OTHERS, 0)
    for (row, column), _ in np.ndenumerate(real):
        points[:, a], points[:, b] = places[column], places[row]
        logits = made.critic(torch.from_numpy(points), nothing)
        real[row, column] = logits.sigmoid().mean()
    return real
