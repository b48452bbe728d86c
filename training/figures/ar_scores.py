"""AR-VAE's Figs. 3 and 5: the published seeds, one dot each, and runs of ours beside them.

The paper trains AR-VAE and β-VAE (the same without regularisation) ten times on Bach and on Folk.
A run of ours stands in the column of its own corpus and weights. Protocol "paper" is measured on
rows as the paper's are, "honest" on unseen bars of works that were held out, which is harder.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from training import published
from training.comparing import scores
from training.figures import canvas
from training.figures.measured import Measured

Floats = NDArray[np.float64]

MEASURES = {
    "interpretability": "Interpretability",
    "modularity": "Modularity",
    "mig": "Mutual information gap",
    "sap": "Separated attribute predictability",
    "scc": "Spearman correlation",
    "tokens": "Tokens right",
}
COLUMNS = ("AR-VAE Bach", "beta-VAE Bach", "AR-VAE Folk", "beta-VAE Folk")  # as published
KINDS: dict[str, dict[str, Any]] = {  # whose dot it is: how it looks
    "published": {"color": canvas.GREY, "marker": "o", "markerfacecolor": "none"},
    "paper": {"color": canvas.BLUE, "marker": "o"},
    "honest": {"color": canvas.RED, "marker": "D"},
}
WORDS = {
    "published": "the paper's seeds",
    "paper": "ours, rows as in the paper",
    "honest": "ours, works held out",
}
SIDES = {"published": (-0.4, -0.12), "paper": (-0.06, 0.2), "honest": (0.18, 0.44)}  # of a column


class Score(NamedTuple):
    """One dot."""

    column: str
    kind: str
    value: float


def measures(runs: Sequence[Measured]) -> Figure:
    """Fig. 3: five measures of the codes, a mean over attributes each; and the tokens of Fig. 5."""
    page = canvas.page(5.6)
    columns = columns_of(runs)
    for axes, measure in zip(page.subplots(2, 3).flat, MEASURES, strict=True):
        dots(axes, [*theirs(measure), *ours(runs, measure)], columns)
        axes.set_title(MEASURES[measure])
    _legend(page)
    return page


def reconstruction(runs: Sequence[Measured]) -> Figure:
    """Fig. 5: tokens that come back. Beside it, of ours, what the many holds among them hide."""
    page = canvas.page(3.4)
    columns = columns_of(runs)
    tokens, onsets, windows = page.subplots(1, 3)
    dots(tokens, [*theirs("tokens"), *ours(runs, "tokens")], columns)
    tokens.set_title("Tokens right (dash: a hold everywhere)")
    for dash in ours(runs, "tokens/always hold"):
        low, high = (columns.index(dash.column) + side for side in SIDES[dash.kind])
        tokens.hlines(dash.value, low, high, color=KINDS[dash.kind]["color"], lw=0.8)
    for axes, figure, title in (
        (onsets, "onsets", "Struck tokens right (ours)"),
        (windows, "windows", "Whole bars right (ours)"),
    ):
        dots(axes, ours(runs, figure), columns)
        axes.set(title=title, ylim=(0, 1.1))  # room for figures over the dots
    _legend(page)
    return page


def theirs(measure: str) -> list[Score]:
    found = published.ar_vae_seeds()[measure]
    return [Score(column, "published", value) for column in COLUMNS for value in found[column]]


def ours(runs: Sequence[Measured], measure: str) -> list[Score]:
    return [
        Score(scores.column(run.trained), scores.protocol(run.figures), _value(run, measure))
        for run in runs
    ]


def columns_of(runs: Sequence[Measured]) -> list[str]:
    return list(dict.fromkeys([*COLUMNS, *sorted(scores.column(run.trained) for run in runs)]))


def dots(axes: Axes, found: Sequence[Score], columns: Sequence[str]) -> None:
    """In every column the published dots are to the left; each kind has its mean in figures."""
    for (x, column), kind in product(enumerate(columns), KINDS):
        values = sorted(s.value for s in found if s.column == column and s.kind == kind)
        if values:
            places = _places(x, kind, len(values))
            axes.plot(places, values, ls="none", label=f"{column}, {kind}", **KINDS[kind])
            _told(axes, places, values, kind)
    named = [column.replace("beta", "β").replace(" ", "\n") for column in columns]
    axes.set_xticks(range(len(columns)), named)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.margins(y=0.12)
    axes.grid(axis="y", color=canvas.PALE, lw=0.4)
    axes.set_axisbelow(True)


def _places(x: int, kind: str, count: int) -> Floats:
    """Where a column's dots of one kind stand, from left to right."""
    low, high = SIDES[kind]
    return x + low + (high - low) * (np.arange(count) + 0.5) / count


def _told(axes: Axes, places: Floats, values: Sequence[float], kind: str) -> None:
    """The mean, in figures; over the dots in the middle and under those at the sides."""
    up = kind == "paper"
    axes.annotate(
        f"{np.mean(values):.3f}".lstrip("0"),
        (float(places.mean()), max(values) if up else min(values)),
        xytext=(0, 5 if up else -5),
        textcoords="offset points",
        ha="center",
        va="bottom" if up else "top",
        fontsize=6,
        color=KINDS[kind]["color"],
    )


def _value(run: Measured, figure: str) -> float:
    """A published measure, or another figure of the card by its own name."""
    if figure in scores.MEASURES:
        return scores.value(run.figures, figure)
    return run.figures["figures"][figure]["value"]


def _legend(page: Figure) -> None:
    marks = [Line2D([], [], ls="none", label=WORDS[kind], **KINDS[kind]) for kind in KINDS]
    page.legend(handles=marks, loc="outside lower center", ncols=len(marks))
