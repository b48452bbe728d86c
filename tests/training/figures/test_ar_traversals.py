from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from presets.attributes import ATTRIBUTES
from training import latent
from training.evaluation.control import spearman
from training.figures import ar_traversals, canvas, knobs
from training.figures.measured import Measured

COLORS = (canvas.BLACK, canvas.BLUE, canvas.ORANGE)


@pytest.fixture(scope="module")
def page(bare: Measured) -> Figure:
    return ar_traversals.traversals([bare])


def points(axes: Axes, label: str) -> np.ndarray:
    (line,) = (line for line in axes.lines if line.get_label() == label)
    return np.asarray(line.get_xydata())


def test_a_row_for_every_knob_of_every_bar(bare: Measured, page: Figure) -> None:
    assert len(page.axes) == 2 * ar_traversals.BARS * len(bare.trained.dimensions)
    assert [axes.get_ylabel() for axes in page.axes[:8:2]] == list(bare.trained.dimensions)


def test_plots_show_the_attribute_of_every_roll(bare: Measured, page: Figure) -> None:
    bars = ar_traversals.bars(bare)
    at = np.array([-4, -2, 0, 2, 4], np.float32)
    for row, name in enumerate(bare.trained.dimensions):
        after = knobs.swept(bare, bars.tokens[:1], row, at)[0]
        values = knobs.values(bare, after, name)
        drawn = points(page.axes[2 * row + 1], "rolls")
        scale = ATTRIBUTES[name].scale(bare.trained.encoding.grid)
        assert drawn == pytest.approx(np.stack([at, values * scale], 1))
        (told,) = (text.get_text() for text in page.axes[2 * row + 1].texts)
        assert told == f"ρ {spearman(values[None])[0]:.2f}"


def test_rolls_show_every_note_once(bare: Measured, page: Figure) -> None:
    encoding, bars = bare.trained.encoding, ar_traversals.bars(bare)
    at = np.array([-4, -2, 0, 2, 4], np.float32)
    after = knobs.swept(bare, bars.tokens[:1], 2, at)[0]
    played = encoding.notes(bars.tokens[0])
    struck = {(n.onset, n.pitch) for n in played}
    made = [(n.onset, n.pitch) in struck for window in after for n in encoding.notes(window)]
    segments = [len(points(page.axes[4], color)) // 3 for color in COLORS]
    assert segments == [len(played), sum(made), len(made) - sum(made)]
    pitches = points(page.axes[4], canvas.BLACK)[::3, 1]
    assert list(pitches) == [n.pitch for n in played]


def test_what_lies_beyond_the_music_has_a_grey_ground(bare: Measured, page: Figure) -> None:
    mu, _ = latent.encode(bare.trained.model, knobs.sampled(bare, "train").tokens)
    low, high = np.quantile(mu[:, 0], knobs.ENDS)
    outside = sum(not low <= code <= high for code in (-4, -2, 0, 2, 4))
    assert len(page.axes[0].patches) == outside > 0
    for axes in ar_traversals.within([bare]).axes[::2]:
        assert not axes.patches


def test_bars_are_of_different_works_and_as_written(bare: Measured) -> None:
    bars = ar_traversals.bars(bare)
    assert len(set(bars.work.tolist())) == len(bars) == ar_traversals.BARS
    assert not bars.shift.any()
