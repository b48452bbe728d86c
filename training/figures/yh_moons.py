"""Geodesics in the latent space of two moons (Yang & Hauberg 2018, Fig. 1)."""

from __future__ import annotations

import torch
from matplotlib.figure import Figure

from training.constraints.space import Floats
from training.figures import canvas
from training.geodesics.curve import Ends, curve, line
from training.geodesics.measure import Bench
from training.geodesics.pairs import LOOKS
from training.geodesics.solve import solve

SIDE = 201  # places along each of both dimensions
EDGE = 2.6  # deviations of the prior, to either side
EACH = 5  # pairs around a gap in one moon, and as many between two
COLOURS = [canvas.RED] * EACH + ["white"] * EACH
TITLES = {"once": "noise drawn once: the expected metric", "anew": "noise drawn anew: as printed"}


def geodesics(made: Bench) -> Figure:
    """The same pairs in both readings of eq. 4: geodesics, and straight lines dashed."""
    kinds = zip(made.around, made.between, strict=True)
    ends = Ends(*(torch.cat([around[:EACH], between[:EACH]]) for around, between in kinds))
    page, sure, z = canvas.page(4.2), _sure(made), made.trained.encodings[::8]
    both = page.subplots(1, 2, sharex=True, sharey=True)
    edges = (-EDGE, EDGE, -EDGE, EDGE)
    for ax, (reading, title) in zip(both, TITLES.items(), strict=True):
        image = ax.imshow(sure, extent=edges, origin="lower", interpolation="none")
        ax.plot(z[:, 0], z[:, 1], ".", color=canvas.GREY, markersize=1)
        bend = solve(ends, made.energy(reading), made.ridges, made.fit).bend
        for path in line(ends, 1).numpy():
            ax.plot(path[:, 0], path[:, 1], "--", color=canvas.PALE, lw=0.6)
        for path, colour in zip(curve(ends, bend, LOOKS).numpy(), COLOURS, strict=True):
            ax.plot(path[:, 0], path[:, 1], color=colour)
            ax.plot(path[[0, -1], 0], path[[0, -1], 1], "o", color=colour, markersize=3)
        ax.set_title(title)
        ax.set(xlabel="z0", ylabel="z1", aspect="equal")
    page.colorbar(image, ax=both, label="log₁₀ g, mean of all outputs", aspect=30)
    page.supxlabel(
        "red: around a gap in one moon; white: between two moons; dashed: straight lines",
        fontsize=7,
    )
    return page


@torch.no_grad()
def _sure(made: Bench) -> Floats:
    """log₁₀ g at each place of the plane [P, P]; a row is a line along x."""
    axis = torch.linspace(-EDGE, EDGE, SIDE)
    places = torch.cartesian_prod(axis, axis).flip(1)
    return made.ridges.sure(places).log10().reshape(SIDE, SIDE).numpy()
