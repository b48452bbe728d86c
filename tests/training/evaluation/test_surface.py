from __future__ import annotations

import numpy as np
import pytest

from presets.encoding import Encoding, Vocabulary
from training.checkpoint import Trained
from training.data.phrases import GRID
from training.evaluation import surface
from training.evaluation.surface import Direction

WORDS = Vocabulary(
    ("C4", "C#4", "Db4", "B4", "Cb5", "F##4", "hold", "rest"),
    (60, 61, 61, 71, 71, 67, None, None),
    hold=6,
    rest=7,
)
ENCODING = Encoding(GRID, WORDS)
HOLD, REST = 6, 7


def window(*tokens: int) -> list[int]:
    return [*tokens, *[HOLD] * (GRID.steps - len(tokens))]


def test_a_row_is_a_horizontal_line_of_the_plane() -> None:
    points = surface.plane(4, Direction(0), np.array([-3.0, 0.0, 3.0]))
    assert points[0, :, :2].tolist() == [[-3, -3], [0, -3], [3, -3]]  # z_1 moves, z_2 is −3
    assert points[2, 0].tolist() == [-3, 3, 0, 0]


def test_another_direction_takes_the_place_of_z_1() -> None:
    down = Direction(2, -1)
    points = surface.plane(4, down, np.array([-3.0, 3.0]))
    assert points[0].tolist() == [[-3, 0, 3, 0], [-3, 0, -3, 0]]
    assert down.of(points[0]).tolist() == [-3, 3]
    assert (down.name, Direction(0).name) == ("−z3", "z1")


def test_quantities_of_windows() -> None:
    tokens = np.array(
        [window(0, 3, HOLD, 0), window(1, 5, 2), window(2, 4, REST), window(1, 2), window(REST)]
    )
    assert surface.played(tokens, ENCODING).tolist() == [3, 3, 2, 2, 0]
    assert surface.highest(tokens, ENCODING)[:4].tolist() == [71, 67, 71, 61]
    assert surface.lowest(tokens, ENCODING)[:4].tolist() == [60, 61, 61, 61]
    assert surface.accidentals(tokens, ENCODING)[:4].tolist() == [0, 1, -1, 0]
    for quantity in surface.BESIDE.values():
        assert np.isnan(quantity(tokens, ENCODING)).tolist() == [False] * 4 + [True]


def test_lines_that_rise() -> None:
    steps = np.arange(61) // 5  # plateaus of half a unit: slope 2
    flat, wild = np.ones(61), np.random.default_rng(0).permutation(61)
    late = np.where(np.arange(61) < 55, 3, 4)  # never falls, and hardly moves
    assert surface.rising(np.stack([steps, flat, wild, late])) == 1 / 4
    assert surface.rising(-np.stack([steps, steps])) == 0


def test_monotonicity_by_hand() -> None:
    lines = np.array([[0, 1, 1, 2, 1, 3], [4, 4, 3, 3, 2, 2], [5, 5, 5, 5, 5, 5]])
    assert surface.monotonicity(lines) == pytest.approx(((3 - 1) / 4 + (0 - 2) / 2) / 2)
    assert surface.monotonicity(lines[2:]) == 0


def test_a_jump_is_a_cliff_between_plateaus() -> None:
    axis = surface.AXIS
    even = np.tile(2 * axis, (3, 1))
    cliff = np.tile(np.where(axis < 0, 2.0, 10.0), (3, 1))
    slanted = np.tile(10 * np.clip(axis, -1, 1), (3, 1))  # a transition two units wide
    assert surface.jump(even) == pytest.approx(1 / 12)
    assert surface.jump(cliff) == 1
    assert surface.jump(slanted) == pytest.approx(1 / 4)
    assert surface.jump(np.ones((3, 61))) == 0


def test_a_runs_surface_is_what_its_decoder_says(glsr: dict[str, Trained]) -> None:
    trained = glsr["regularised"]
    tokens = surface.decoded(trained.model, Direction(1), np.linspace(-3, 3, 5))
    assert tokens.shape == (5, 5, 32)
    g = surface.over(surface.played, tokens, trained.encoding)
    hold = trained.encoding.vocabulary.hold
    assert (g == (tokens < hold).sum(2)).all()
    assert np.ptp(g) > 0
