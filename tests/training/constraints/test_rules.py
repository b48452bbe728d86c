from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.attributes import Onsets
from training.constraints.rules import KEYS, SCALES, AtLeast, Scale

RULE = Scale()


def windows(*lines: list[int]) -> Onsets:
    """Each a window of eight steps: its pitches, struck in a row."""
    struck = np.array([[step < len(line) for step in range(8)] for line in lines])
    pitch = np.array([[*line, *[0] * (8 - len(line))] for line in lines], float)
    return Onsets(struck, pitch, np.ones(8), struck.sum(1).astype(float))


def asked(key: str, scale: str) -> np.ndarray:
    at = np.array([KEYS.index(key)]), np.array([list(SCALES).index(scale)])
    return RULE.asked(*at)


@pytest.mark.parametrize(
    ("line", "key", "scale", "share"),
    [
        ([60, 62, 64, 65], "C", "major", 1.0),
        ([60, 61, 64, 66], "C", "major", 0.5),
        ([60, 61, 64, 66], "C#", "major", 0.75),  # C, C# and F# are in it, E is not
        ([69, 71, 72, 80], "A", "minor", 0.75),
        ([62, 67], "G", "pentatonic", 1.0),
        ([63, 66], "C", "blues", 1.0),
        ([], "C", "major", 1.0),  # nobody is wrong where nothing sounds
    ],
)
def test_share_of_notes_in_a_scale(line: list[int], key: str, scale: str, share: float) -> None:
    assert RULE.score(windows(line), asked(key, scale)).tolist() == [share]


@given(st.lists(st.integers(36, 96), max_size=8), st.integers(0, 11), st.integers(0, 3))
def test_scale_as_a_slow_loop_says(line: list[int], key: int, scale: int) -> None:
    name = list(SCALES)[scale]
    held = [p for p in line if (p - key) % 12 in SCALES[name]]
    slow = len(held) / len(line) if line else 1.0
    assert RULE.score(windows(line), asked(KEYS[key], name))[0] == pytest.approx(slow)


def test_a_row_that_asks_for_no_scale_gets_any() -> None:
    none = np.zeros((1, len(RULE.conditions)), np.float32)
    assert RULE.score(windows([60, 61, 62]), none).tolist() == [1.0]


def test_density_by_hand() -> None:
    rule = AtLeast((4, 6))
    y = np.array([[1, 0], [0, 1], [0, 1], [0, 0]], np.float32)
    found = rule.score(windows([60] * 3, [60] * 3, [60] * 8, []), y)
    assert found.tolist() == pytest.approx([0.75, 0.5, 1.0, 1.0])


def test_what_is_drawn_is_what_can_be_asked() -> None:
    draw = np.random.default_rng(0)
    y = RULE.drawn(500, draw)
    assert y.shape == (500, len(RULE.conditions))
    assert (y[:, :12].sum(1) == 1).all()
    assert (y[:, 12:].sum(1) == 1).all()
    assert (y.sum(0) > 0).all()
    numbers = AtLeast((4, 6)).drawn(500, draw)
    assert set(numbers.sum(1).tolist()) == {0.0, 1.0}
