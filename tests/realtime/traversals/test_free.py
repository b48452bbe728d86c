"""Across a map a free dimension moves as a knob does; where a point lies is told as it is set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.manifest import Calibration, Dimension
from presets.plane import Free
from realtime.traversals.free import dimensions, drift, places
from realtime.traversals.slide import Z, slide

FREE = {"density": Free(2, -2.0, 2.0), "contour": Free(0, -1.0, 3.0)}
ACROSS = dimensions(FREE)
STYLE = Calibration([0.0, 0.5, 1.0], [-4.0, -3.0, 5.0], [0.0, 0.1, 1.0])
KNOBS = [
    Dimension("density", 1, STYLE),
    Dimension("contour", 3, STYLE),
    Dimension("range", 4, STYLE),
]
HERE = np.array([1.0, 0.5, -1.0, 0.0, 7.0], np.float32)
SHARES = st.floats(0, 1)


def moved(z: Z = HERE, **free: tuple[str, float]) -> list[float]:
    return drift(z, free, ACROSS).tolist()


def test_neutral_is_exactly_nothing() -> None:
    assert drift(HERE, {}, ACROSS) is HERE
    outside = np.array([9.0, 9.0, -9.0, 9.0, 9.0], np.float32)
    assert moved(outside, density=("offset", 0.0)) == outside.tolist()


def test_only_the_free_dimension_moves_and_no_further_than_its_ends() -> None:
    assert moved(density=("offset", 0.5)) == pytest.approx([1.0, 0.5, 1.0, 0.0, 7.0])
    assert moved(density=("offset", 1.0)) == pytest.approx([1.0, 0.5, 2.0, 0.0, 7.0])
    assert moved(contour=("offset", -1.0)) == pytest.approx([-1.0, 0.5, -1.0, 0.0, 7.0])


def test_a_target_is_a_place_wherever_the_window_is() -> None:
    assert moved(density=("target", 0.25), contour=("target", 0.5)) == [1.0, 0.5, -1.0, 0.0, 7.0]


def test_a_knob_without_a_map_is_on_none() -> None:
    assert set(places(HERE, KNOBS, FREE)) == {"density", "contour"}


@given(st.tuples(SHARES, SHARES))
def test_what_is_set_is_where_the_dot_is(place: tuple[float, float]) -> None:
    x, y = place
    z = slide(HERE, {"density": ("target", x)}, KNOBS)
    there = places(drift(z, {"density": ("target", y)}, ACROSS), KNOBS, FREE)
    assert there["density"] == pytest.approx((x, y), abs=1e-4)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=5, max_size=5))
def test_the_dot_never_leaves_the_map(z: list[float]) -> None:
    for x, y in places(np.array(z, np.float32), KNOBS, FREE).values():
        assert 0 <= x <= 1
        assert 0 <= y <= 1
