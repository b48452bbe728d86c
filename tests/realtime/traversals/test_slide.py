"""A knob moves the one dimension that follows its attribute, within the style, and no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.manifest import Calibration, Dimension
from realtime.traversals.slide import Z, engaged, slide

# A style whose percentiles are its values, at places 1 and 3 of a z of 5: from .02 to .98.
EVEN = Calibration([0.0, 0.5, 1.0], [0.0, 0.5, 1.0], [0.0, 0.5, 1.0])
SKEWED = Calibration([0.0, 0.5, 1.0], [-4.0, -3.0, 5.0], [0.0, 0.1, 1.0])
DIMENSIONS = [Dimension("density", 1, EVEN), Dimension("contour", 3, SKEWED)]
HERE = np.array([9.0, 0.5, -9.0, 0.0, 7.0], np.float32)


def moved(z: Z = HERE, **knobs: tuple[str, float]) -> list[float]:
    return slide(z, knobs, DIMENSIONS).tolist()


def test_neutral_knobs_leave_z_as_it_is() -> None:
    assert moved() == moved(density=("offset", 0.0), contour=("offset", -0.0)) == HERE.tolist()


def test_the_given_z_is_not_written_to() -> None:
    before = HERE.copy()
    slide(HERE, {"density": ("offset", 1.0)}, DIMENSIONS)
    assert np.array_equal(HERE, before)


def test_only_the_knobs_own_dimension_moves() -> None:
    there = moved(density=("offset", 0.25))
    assert there[1] == pytest.approx(0.5 + 0.25 * 0.96)
    assert [*there[:1], *there[2:]] == [9.0, -9.0, 0.0, 7.0]


@pytest.mark.parametrize(("number", "place"), [(1.0, 0.98), (-1.0, 0.02)])
def test_an_offset_stops_at_the_ends_of_the_style(number: float, place: float) -> None:
    assert moved(density=("offset", number))[1] == pytest.approx(place)


@pytest.mark.parametrize(("here", "number"), [(3.0, 0.5), (3.0, 0.01), (-3.0, -0.5)])
def test_a_window_outside_the_style_is_never_moved_against_the_knob(
    here: float, number: float
) -> None:
    outside = HERE.copy()
    outside[1] = here
    assert moved(outside, density=("offset", number))[1] == here


def test_a_window_outside_the_style_comes_back_when_the_knob_says_so() -> None:
    outside = HERE.copy()
    outside[1] = 3.0
    assert moved(outside, density=("offset", -1.0))[1] == pytest.approx(3.0 - 0.96)


@pytest.mark.parametrize(("number", "z"), [(0.0, -3.96), (0.5, -3.0), (1.0, 4.68)])
def test_a_target_is_a_percentile_of_the_style_wherever_z_is(number: float, z: float) -> None:
    for here in (-100.0, 0.0, 100.0):
        place = HERE.copy()
        place[3] = here
        assert moved(place, contour=("target", number))[3] == pytest.approx(z)


def test_an_unknown_knob_moves_nothing() -> None:
    assert moved(loudness=("offset", 1.0)) == HERE.tolist()


def test_what_counts_as_engaged() -> None:
    assert not engaged(("offset", 0.0))
    assert not engaged(("offset", -0.0))
    assert engaged(("offset", 1e-9))
    assert engaged(("target", 0.0))


places = st.floats(-5, 5, width=32)
turns = st.floats(-1, 1)


@given(places, turns, turns)
def test_turning_further_never_moves_less(here: float, a: float, b: float) -> None:
    z = HERE.copy()
    z[3] = here
    low, high = sorted((a, b))
    assert moved(z, contour=("offset", low))[3] <= moved(z, contour=("offset", high))[3]


@given(places, turns)
def test_a_move_is_never_against_the_knob(here: float, turn: float) -> None:
    z = HERE.copy()
    z[3] = here
    assert (moved(z, contour=("offset", turn))[3] - here) * turn >= 0


def tied(share: float = 0.5) -> list[Dimension]:
    return [DIMENSIONS[0], Dimension("contour", 3, SKEWED, {"density": share})]


def test_what_is_tied_is_taken_along_by_its_share() -> None:
    there = slide(HERE, {"contour": ("target", 0.5)}, tied())
    assert there.tolist() == pytest.approx([9.0, 0.5 - 1.5, -9.0, -3.0, 7.0])
    both = slide(HERE, {"contour": ("target", 0.5), "density": ("offset", 0.25)}, tied())
    assert both[1] == pytest.approx(0.5 + 0.24 - 1.5)
    back = slide(HERE, {"density": ("offset", 0.25)}, tied())
    assert back[3] == HERE[3]


@pytest.mark.parametrize("reading", ["target", "value"])
def test_what_has_a_place_of_its_own_is_not_taken_along(reading: str) -> None:
    alone = slide(HERE, {"density": (reading, 0.5)}, tied())
    both = slide(HERE, {"density": (reading, 0.5), "contour": ("offset", 1.0)}, tied())
    assert both[1] == alone[1]
    assert both[3] != alone[3]
