"""AR-VAE's Fig. 13: every attribute on a plane of its own dimension and one that follows nothing.

x is the attribute's dimension, y the busiest free one: of many, most say nothing, and would always
look independent. The other coordinates are one draw from N(0, I), the same for all panels. Colour
is the attribute of the most likely window there; it should change along x and not along y.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from presets.attributes import ATTRIBUTES
from training import latent
from training.evaluation.control import spearman
from training.figures import canvas, knobs
from training.figures.knobs import Floats
from training.figures.measured import Measured
from training.latent import Codes

REACH = 5.0  # of the paper's planes
STEP = 0.05  # … which makes 40,401 windows an attribute: some 8 s on one core with bach-bar


class Surface(NamedTuple):
    """One attribute on its plane."""

    name: str
    values: Floats  # [P, P], in the unit that a person reads; a row is a line along x
    axis: Floats  # [P], of both coordinates
    x: int  # the dimensions
    y: int
    music: Floats  # [2 ends, x and y]: where the middle 96 % of the training windows lie

    @property
    def inside(self) -> Surface:
        """What of it lies among the training windows."""
        x, y = ((low <= self.axis) & (self.axis <= high) for low, high in self.music.T)
        return self._replace(values=self.values[np.ix_(y, x)])

    @property
    def along(self) -> float:
        """Spearman of x and the attribute, a mean over lines; a flat one counts 0."""
        return float(_ranks(self.values).mean())

    @property
    def across(self) -> float:
        """|Spearman| of y and the attribute, likewise: what should be nothing."""
        return float(np.abs(_ranks(self.values.T)).mean())


def surfaces(runs: Sequence[Measured], step: float = STEP) -> Figure:
    """A panel for each attribute; dashed: where the training windows lie."""
    (run,) = runs
    found = measured(run, step)
    page = canvas.page(3.4, canvas.WIDTH / 4 * max(2, len(found)))
    for axes, surface in zip(page.subplots(1, len(found), squeeze=False)[0], found, strict=True):
        unit = ATTRIBUTES[surface.name].unit
        page.colorbar(_image(axes, surface), ax=axes, location="bottom", label=unit, aspect=30)
        told = [f"ρ {of.along:.2f}, across {of.across:.2f}" for of in (surface, surface.inside)]
        axes.set_title(f"{surface.name}\n{told[0]}\ndashed: {told[1]}", fontsize=8)
    page.supxlabel(
        f"{run.name}. ρ: Spearman along x, mean of all lines; across: |ρ| along y; dashed: the "
        "2 % to 98 % quantiles of the training windows",
        fontsize=7,
    )
    return page


def measured(run: Measured, step: float = STEP, seed: int = 0) -> list[Surface]:
    """Every attribute's surface."""
    codes, dimensions = knobs.codes(run), knobs.followed(run)
    size = codes.shape[1]
    rest = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    axis = np.linspace(-REACH, REACH, round(2 * REACH / step) + 1, dtype=np.float32)
    found: list[Surface] = []
    for name, x in zip(run.trained.dimensions, dimensions, strict=True):
        y = _busiest(codes, dimensions, x)
        windows = latent.decode(run.trained.model, plane(rest, x, y, axis).reshape(-1, size))
        scale = ATTRIBUTES[name].scale(run.trained.encoding.grid)
        values = knobs.values(run, windows, name).reshape(len(axis), -1) * scale
        music = np.quantile(codes[:, [x, y]].astype(np.float64), knobs.ENDS, axis=0)
        found.append(Surface(name, values, axis.astype(np.float64), x, y, music))
    return found


def plane(rest: Codes, x: int, y: int, axis: Codes) -> Codes:
    """Points [P, P, Z]: x grows within a row, y from row to row, the others are those of `rest`."""
    points = np.broadcast_to(rest, (len(axis), len(axis), len(rest))).copy()
    points[..., x], points[..., y] = axis, axis[:, None]
    return points


def _ranks(lines: Floats) -> Floats:
    """Spearman along each line; 0 where the music lies between two points of the plane."""
    return spearman(lines) if min(lines.shape) > 1 else np.zeros(1)


def _busiest(codes: Codes, followed: Sequence[int], x: int) -> int:
    """The free dimension whose codes vary most; where all follow something, the one but x."""
    every = range(codes.shape[1])
    free = [i for i in every if i not in followed] or [i for i in every if i != x]
    return max(free, key=lambda i: codes[:, i].std())


def _image(axes: Axes, surface: Surface) -> AxesImage:
    axes.set(xlabel=f"z{surface.x}", ylabel=f"z{surface.y}", xticks=(-5, 0, 5), yticks=(-5, 0, 5))
    low, high = surface.music
    frame = {"fill": False, "ls": "--", "lw": 0.8, "ec": "white"}
    axes.add_patch(Rectangle(tuple(low), *(high - low), **frame))
    ends = (-REACH, REACH)
    return axes.imshow(surface.values, extent=(*ends, *ends), origin="lower", interpolation="none")
