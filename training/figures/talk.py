"""What a knob changes beside its own attribute: a matrix for every group of seeds.

From the runs' cards (`crosstalk`): the mean change of each attribute of the heard bar while a knob
goes through its places, over the change of the knob's own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.comparing.groups import Floats, attributes, grouped, labels
from training.figures import canvas
from training.figures.measured import Measured

LEGEND = "row: the knob that turns; column: what changes in the heard bar, over what its own does"
COLUMNS = 4  # matrices side by side
DARK = 0.6  # from there on letters are white


def matrices(runs: Sequence[Measured]) -> Figure:
    """Raises GlissarError where a run has no card."""
    groups = grouped({run.name: run.trained for run in runs if run.figures})
    names, height = attributes(groups), -(-len(groups) // COLUMNS)
    page = canvas.page(0.5 + 2.2 * height)
    panels = page.subplots(height, COLUMNS, squeeze=False).flatten()
    for number, (axes, group) in enumerate(zip(panels, groups, strict=False)):
        axes.set_title(f"{number + 1} {labels(groups)[number]}".replace(", ", ",\n"), fontsize=7)
        _matrix(axes, group.talk(names), names)
    for axes in panels[len(groups) :]:
        axes.set_axis_off()
    page.supxlabel(LEGEND, fontsize=7)
    return page


def _matrix(axes: Axes, found: Floats, names: Sequence[str]) -> None:
    axes.imshow(found, vmin=0, vmax=1, cmap="Greys")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(found):
        told, color = ("–", canvas.BLACK) if np.isnan(value) else (f"{value:.2f}", _ink(value))
        axes.text(column, row, told, ha="center", va="center", fontsize=7, color=color)


def _ink(value: float) -> str:
    return "white" if value > DARK else canvas.BLACK
