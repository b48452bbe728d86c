"""Draws from the prior and what constraints make of them (Engel et al. 2018, Fig. 6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from presets.constraint import Constraint
from presets.encoding import Encoding, Tokens
from presets.preset import Preset
from presets.rules import Scale
from training.constraints import kept
from training.constraints.kept import Choices
from training.figures import canvas

DRAWS = 4  # columns


def melodies(
    preset: Preset, constraint: Constraint, asks: Sequence[Choices], seed: int = 0
) -> Figure:
    """A row for the prior and one for all that is asked; notes outside the scale that the first
    asks for are red."""
    scale = _scale(constraint, asks[0])
    rows = kept.decoded(preset, constraint, asks, DRAWS, seed)
    page = canvas.page(1.1 * len(rows) + 0.3)
    grid = page.subplots(len(rows), DRAWS, squeeze=False, sharex=True, sharey=True)
    for axes, (asked, tokens) in zip(grid, rows, strict=True):
        axes[0].set_ylabel(", ".join(asked.values()) or "prior")
        for ax, row in zip(axes, tokens, strict=True):
            _roll(ax, row, preset.encoding, scale)
    for ax in grid[-1]:
        ax.set_xlabel("bars")
    return page


def _scale(constraint: Constraint, asked: Choices) -> frozenset[int]:
    """The pitch classes that are asked for; all where none are."""
    y = constraint.row(asked)
    scales = [rule for rule in constraint.rules() if isinstance(rule, Scale)]
    found = [rule.members(constraint.part(rule, y))[0] for rule in scales]
    return frozenset(np.flatnonzero(found[0]).tolist() if found else range(12))


def _roll(ax: Axes, row: Tokens, encoding: Encoding, scale: frozenset[int]) -> None:
    grid = encoding.grid
    notes = encoding.notes(row.tolist())
    bar = grid.length / grid.bars  # ticks
    colours = [canvas.BLUE if note.pitch % 12 in scale else canvas.RED for note in notes]
    ax.barh(
        [note.pitch for note in notes],
        [note.duration / bar for note in notes],
        left=[note.onset / bar for note in notes],
        height=0.9,
        color=colours,
    )
    ax.set_xlim(0, grid.bars)
    ax.set_xticks(range(0, grid.bars + 1, max(1, grid.bars // 4)))
