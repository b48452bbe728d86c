"""What is heard while a knob turns: for every attribute a curve of every group of seeds.

x is the knob's place, as a percentile of where the training windows lie along its dimension. y is
the attribute of the heard bar, after the residual edit, in what a person counts; bars that have no
room for it (one note has no range) are left out. The line is a mean over unseen bars and seeds, the
band holds the middle 80 % of them. The thin line is the style's own value at the percentile: what a
place stands for, and what the house model asks for there. A β-VAE has no dimension of an attribute;
its knob is the one that tells most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from presets.attributes import ATTRIBUTES, measure
from training.comparing.groups import Seeds, attributes, grouped, labels
from training.evaluation import control
from training.figures import canvas, knobs
from training.figures.knobs import Floats
from training.figures.measured import Measured

BARS = 200  # unseen ones, of each run
BAND = (0.1, 0.9)
COLORS = (canvas.ORANGE, canvas.BLUE, canvas.GREEN, canvas.PURPLE)  # a row of panels has so many
LEGEND = (
    "x: place on the knob, as a percentile of the style; line: mean over unseen bars and seeds, "
    "band: the middle 80 % of them;\nthin: the style's own value at that percentile, which is what "
    "the house model asks for"
)


class Curve(NamedTuple):
    """An attribute along its knob's places [P], in the unit that a person reads."""

    mean: Floats
    low: Floats
    high: Floats
    style: Floats


def curves(runs: Sequence[Measured]) -> Figure:
    """A column for every attribute; groups by four, the next ones below."""
    groups = grouped({run.name: run.trained for run in runs})
    named = [f"{number} {label}" for number, label in enumerate(labels(groups), 1)]
    each = list(zip(named, groups, strict=True))
    rows = [each[start : start + len(COLORS)] for start in range(0, len(each), len(COLORS))]
    page = canvas.page(0.3 + 2.6 * len(rows))
    for part, row in zip(page.subfigures(len(rows), squeeze=False)[:, 0], rows, strict=True):
        _row(part, row, runs, attributes(groups))
    page.supxlabel(LEGEND, fontsize=7)
    return page


def _row(
    part: SubFigure,
    groups: Sequence[tuple[str, Seeds]],
    runs: Sequence[Measured],
    names: Sequence[str],
) -> None:
    panels = part.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        axes.set(title=name, ylabel=ATTRIBUTES[name].unit, xticks=range(0, 101, 25))
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        for color, (_, group) in zip(COLORS, groups, strict=False):
            if name in group.attributes:
                _draw(axes, curve([run for run in runs if run.name in group.runs], name), color)
    marks = [
        Line2D([], [], color=color, label=label)
        for color, (label, _) in zip(COLORS, groups, strict=False)
    ]
    part.legend(handles=marks, loc="outside upper center", ncols=2)


def curve(seeds: Sequence[Measured], name: str) -> Curve:
    """Over the unseen bars of all runs of a group."""
    heard = np.concatenate([turned(run, name) for run in seeds])
    low, high = np.quantile(heard, BAND, axis=0)
    return Curve(heard.mean(0), low, high, style(seeds[0], name))


def turned(run: Measured, name: str) -> Floats:
    """The attribute heard [N, P] of unseen bars that have room for it."""
    trained, column = run.trained, run.trained.dimensions.index(name)
    index = knobs.followed(run)[column]
    at = np.quantile(knobs.codes(run)[:, index], control.POSITIONS).astype(np.float32)
    bars = knobs.sampled(run, "test", BARS).tokens
    turn = control.turn(trained.model, trained.encoding, bars, index, at)
    heard = turn.values(turn.heard, name)[control.room(turn.played, name) > 0]
    return heard * ATTRIBUTES[name].scale(trained.encoding.grid)


def style(run: Measured, name: str) -> Floats:
    """The attribute [P] at the percentiles of the training windows."""
    encoding = run.trained.encoding
    values = measure(knobs.sampled(run, "train").tokens, encoding, [name])[:, 0]
    return np.quantile(values, control.POSITIONS) * ATTRIBUTES[name].scale(encoding.grid)


def _draw(axes: Axes, found: Curve, color: str) -> None:
    x = 100 * control.POSITIONS
    known = [line.get_ydata() for line in axes.lines if line.get_label() == "style"]
    if not any(np.array_equal(line, found.style) for line in known):  # groups learn one style
        axes.plot(x, found.style, color=canvas.BLACK, lw=0.6, label="style")
    around = np.concatenate([x, x[::-1]]), np.concatenate([found.low, found.high[::-1]])
    axes.fill(*around, color=color, alpha=0.2, lw=0)
    axes.plot(x, found.mean, color=color, label="mean")
