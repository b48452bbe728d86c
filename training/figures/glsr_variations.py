"""GLSR-VAE's Fig. 4: a point of the prior whose regularised coordinate alone rises, step by step.

Nothing is chosen: the point is drawn by a seed. A note held from before the window is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from presets.bar import Note
from training.evaluation import steering
from training.evaluation import variations as paths
from training.evaluation.surface import Direction
from training.figures import canvas
from training.figures.glsr_surfaces import directions
from training.figures.measured import Measured

GAP = 0.06  # beats that a note is drawn short, so that a repeated one is seen
STARTS = 2  # points


def variations(runs: Sequence[Measured]) -> Figure:
    """A column for each point, its steps from top to bottom."""
    (run,) = runs
    along, found = directions(run.trained)[0], swept(run)
    page = canvas.page(0.75 * len(paths.PATH) + 0.6)
    rows = page.subplots(len(paths.PATH), STARTS, sharex=True, sharey="col", squeeze=False)
    for column, windows in zip(rows.T, found, strict=True):
        before: list[Note] | None = None
        for axes, here, place in zip(column, windows, paths.PATH, strict=True):
            roll(axes, run, here, before)
            axes.set_title(f"{_name(along, place)}, {len(here)} notes", fontsize=7, pad=2)
            before = here
        column[-1].set_xlabel("beats")
    page.suptitle(f"{run.name}: only {along.name} moves; orange: new since the step above")
    return page


def swept(run: Measured, count: int = STARTS, seed: int = 0) -> list[list[list[Note]]]:
    """The notes at every step from each point."""
    trained = run.trained
    points = steering.drawn(trained, seed)[:count]
    tokens = paths.swept(trained, points, directions(trained)[0])
    return [[trained.encoding.notes(window) for window in windows] for windows in tokens]


def roll(axes: Axes, run: Measured, notes: Sequence[Note], before: Sequence[Note] | None) -> None:
    """A piano roll; what was not struck `before` (place and pitch) is new."""
    grid = run.trained.encoding.grid
    beat = grid.meter.beat_ticks
    known = {(n.onset, n.pitch) for n in (notes if before is None else before)}
    for n in notes:
        color = canvas.BLACK if (n.onset, n.pitch) in known else canvas.ORANGE
        ends = (n.onset / beat, n.end / beat - GAP)
        axes.plot(ends, (n.pitch, n.pitch), color=color, lw=3, solid_capstyle="butt")
    for bar in range(1, grid.bars):
        axes.axvline(bar * grid.meter.beats, color=canvas.GREY, lw=0.6)
    axes.set_xlim(0, grid.beats)
    axes.margins(y=0.2)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))


def _name(along: Direction, place: float) -> str:
    return f"{along.name} = {place:.1f}"
