"""GLSR-VAE's Figs. 2, 3, 5 and 6: what lies where on a plane through the latent space.

x is the dimension that is judged: the regularised one; of a plain run its steepest and, below it,
z_1, as the paper has it. y is z_2 (z_1 where that is not x). White: windows without a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from presets.encoding import Tokens
from training.checkpoint import Trained
from training.comparing import twins
from training.evaluation import aggregated, steering, surface
from training.evaluation.surface import AXIS, Direction
from training.figures import canvas
from training.figures.measured import Measured

DOTS = 4000  # points of the aggregated posterior that are drawn
CLASSES = {-1: ("flats", canvas.BLUE), 0: ("none", canvas.PALE), 1: ("sharps", canvas.ORANGE)}


class Plane(NamedTuple):
    """A run's windows on its plane."""

    run: Measured
    along: Direction
    tokens: Tokens  # [P, P, T], most likely

    def over(self, quantity: surface.Quantity) -> surface.Floats:
        return surface.over(quantity, self.tokens, self.run.trained.encoding)


def notes(runs: Sequence[Measured]) -> Figure:
    """Fig. 2: the number of notes. Every line of it should rise where the run is regularised."""
    found = planes(runs)
    surfaces = [plane.over(surface.played) for plane in found]
    page = canvas.page(3.1, 3.4 * len(found) + 0.6)
    columns = page.subplots(1, len(found), squeeze=False)[0]
    highest = max(g.max() for g in surfaces)
    image = None
    for axes, plane, g in zip(columns, found, surfaces, strict=True):
        image = _image(axes, plane, g, vmin=0, vmax=highest)
        axes.set_title(f"{plane.run.name}: {surface.rising(g):.0%} of lines rise (ρ > .95)")
    assert image is not None
    page.colorbar(image, ax=list(columns), label="notes")
    page.supxlabel("\n".join(compared(runs)), fontsize=7)
    return page


def compared(runs: Sequence[Measured]) -> list[str]:
    """What the paper claims of a regularised run and its plain twin, where both have cards."""
    if len(runs) != 2 or not all("steering" in run.card for run in runs):
        return []
    plain, with_it = sorted(runs, key=lambda run: run.card["steering"]["regularised"])
    return list(twins.lines(with_it.card, plain.card))


def others(runs: Sequence[Measured]) -> Figure:
    """Fig. 3: what the number of notes should leave alone, and how far the dimension decides it."""
    found = planes(runs)
    page = canvas.page(2.6 * len(found) + 0.3)
    rows = page.subplots(len(found), len(surface.BESIDE), squeeze=False)
    for row, plane in zip(rows, found, strict=True):
        tied = bound(plane)
        for axes, (name, quantity) in zip(row, surface.BESIDE.items(), strict=True):
            values = plane.over(quantity)
            image = _classes(axes, plane, values) if name == "accidentals" else None
            image = image or _image(axes, plane, values)
            ticks = list(CLASSES) if name == "accidentals" else None
            bar = page.colorbar(image, ax=axes, ticks=ticks)
            if ticks:
                bar.ax.set_yticklabels([word for word, _ in CLASSES.values()])
            axes.set_title(f"{plane.run.name}: {name}, |ρ| {tied[name]:.2f}")
    page.supxlabel(
        "|ρ|: Spearman of x and the quantity, over 2,000 points of the prior; accidentals: "
        "where both stand, those of more notes",
        fontsize=7,
    )
    return page


def posterior(runs: Sequence[Measured]) -> Figure:
    """Fig. 5: where the unseen test windows lie, by their number of notes; one sample of each."""
    (run,) = runs
    windows = run.data.splits["test"].tokens
    rows = np.random.default_rng(0).permutation(len(windows))[:DOTS]
    found = aggregated.posterior(run.trained, windows[np.sort(rows)], seed=0)
    along = directions(run.trained)[0]
    x, y = along.of(found.z), found.z[:, _other(along)]
    page = canvas.page(4.2, 5.4)
    axes = page.subplots()
    dots = axes.scatter(x, y, c=found.played, s=3, lw=0, rasterized=True)
    places = list(aggregated.clusters(found, along).items())
    axes.plot([place for _, place in places], [-3.9] * len(places), "|", color=canvas.BLACK, ms=9)
    for count, place in places:
        axes.annotate(str(count), (place, -3.6), ha="center", fontsize=6)
    turn = np.linspace(0, 2 * np.pi, 200)
    axes.plot(2 * np.cos(turn), 2 * np.sin(turn), color=canvas.GREY, lw=0.8, ls="--")
    axes.set(xlabel=along.name, ylabel=f"z{_other(along) + 1}", xlim=(-4.2, 4.2), ylim=(-4.2, 4.2))
    axes.set_aspect("equal")
    page.colorbar(dots, ax=axes, label="notes of the decoded window")
    axes.set_title(
        f"{run.name}: mean {x.mean():.2f}, sd {x.std():.2f} along {along.name}; "
        f"{y.mean():.2f}, {y.std():.2f} across"
    )
    page.supxlabel("dashed: two standard deviations of the prior; ticks: mean by notes", fontsize=7)
    return page


def phases(runs: Sequence[Measured]) -> Figure:
    """Fig. 6: as Fig. 2, and along every line of it; a slope too steep for the prior breaks."""
    (plane, *_), run = planes(runs), runs[0]
    g = plane.over(surface.played)
    page = canvas.page(3.1)
    left, right = page.subplots(1, 2, width_ratios=[1.15, 1])
    page.colorbar(_image(left, plane, g, vmin=0), ax=left, label="notes")
    left.set_title(f"{run.name}: {asked(run)}")
    right.plot(AXIS, g.T, color=canvas.PALE, lw=0.5)
    right.plot(AXIS, g.mean(0), color=canvas.BLUE, lw=2)
    right.set(xlabel=plane.along.name, ylabel="notes (blue: mean of all lines)")
    right.set_title(f"median line: {surface.jump(g):.0%} of its range within half a unit")
    return page


def planes(runs: Sequence[Measured]) -> list[Plane]:
    return [
        Plane(run, along, surface.decoded(run.trained.model, along))
        for run in runs
        for along in directions(run.trained)
    ]


def directions(trained: Trained) -> tuple[Direction, ...]:
    """As the card has them."""
    return steering.directions(trained, steering.slopes(trained, steering.drawn(trained, seed=0)))


def bound(plane: Plane) -> dict[str, float]:
    """|Spearman| as the card has it."""
    trained = plane.run.trained
    points = steering.drawn(trained, seed=0)
    return steering.bound(trained, plane.along, points)


def asked(run: Measured) -> str:
    """The slope's distribution, as the paper writes it."""
    if not steering.regularised(run.trained):
        return "plain"
    config = run.trained.config
    return f"r = N({steering.slope_wanted(run.trained, run.data):.3g}, {config['sigma']:.3g})"


def _image(axes: Axes, plane: Plane, values: surface.Floats, **kind: Any) -> AxesImage:
    ends = (AXIS[0], AXIS[-1])
    axes.set(xlabel=plane.along.name, ylabel=f"z{_other(plane.along) + 1}")
    return axes.imshow(values, extent=(*ends, *ends), origin="lower", **kind)


def _classes(axes: Axes, plane: Plane, values: surface.Floats) -> AxesImage:
    colors = ListedColormap([color for _, color in CLASSES.values()])
    norm = BoundaryNorm([-1.5, -0.5, 0.5, 1.5], 3)
    return _image(axes, plane, values, cmap=colors, norm=norm)


def _other(along: Direction) -> int:
    return int(along.dimension == 0)
