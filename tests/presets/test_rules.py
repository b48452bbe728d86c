from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.attributes import Onsets
from presets.rules import KEYS, RULES, SCALES, AtLeast, Menu, Scale, Y, row

RULE = Scale()


def windows(*lines: list[int]) -> Onsets:
    """Each a window of eight steps: its pitches, struck in a row."""
    struck = np.array([[step < len(line) for step in range(8)] for line in lines])
    pitch = np.array([[*line, *[0] * (8 - len(line))] for line in lines], float)
    return Onsets(struck, pitch, np.ones(8), struck.sum(1).astype(float))


def asked(key: str, scale: str) -> Y:
    return row(RULE.menus, {"key": key, "scale": scale})


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


@pytest.mark.parametrize("choices", [{}, {"key": "C"}, {"scale": "major"}, {"key": "H"}])
def test_who_leaves_a_menu_gets_any_scale(choices: dict[str, str]) -> None:
    assert RULE.score(windows([60, 61, 62]), row(RULE.menus, choices)).tolist() == [1.0]


def test_density_by_hand() -> None:
    rule = AtLeast((4, 6))
    y = np.array([[1, 0], [0, 1], [0, 1], [0, 0]], np.float32)
    found = rule.score(windows([60] * 3, [60] * 3, [60] * 8, []), y)
    assert found.tolist() == pytest.approx([0.75, 0.5, 1.0, 1.0])


def test_what_is_drawn_is_what_can_be_asked() -> None:
    y = RULE.drawn(500, np.random.default_rng(0))
    assert y.shape == (500, 12 + 4)
    assert set(y[:, :12].sum(1).tolist()) == set(y[:, 12:].sum(1).tolist()) == {0.0, 1.0}
    assert (y.sum(0) > 0).all()


def test_a_rule_is_made_again_of_its_menus() -> None:
    menus = {"key": Menu("key", ("C", "A")), "scale": Menu("scale", ("blues",))}
    found = RULES["scale"](menus)
    assert found == Scale(("blues",), ("C", "A"))
    in_a = row(found.menus, {"key": "A", "scale": "blues"})
    assert found.score(windows([69, 70]), in_a).tolist() == [0.5]  # A is in A blues, Bb is not
    assert RULES["density"]({"density": Menu("density", ("3", "9"))}) == AtLeast((3, 9))


def test_a_key_is_drawn_where_a_scale_is() -> None:
    drawn = RULE.drawn(2000, np.random.default_rng(0))
    keys, scales = drawn[:, : len(KEYS)].sum(1), drawn[:, len(KEYS) :].sum(1)
    assert np.array_equal(keys, scales)
    assert np.mean(scales == 0) == pytest.approx(1 / 5, abs=0.03)
    assert drawn[:, : len(KEYS)].mean(0) == pytest.approx(4 / 5 / 12, abs=0.03)
