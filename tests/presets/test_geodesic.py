from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from presets.encoding import Tokens
from presets.geodesic import PLACES, at, even, points, solve

Z = NDArray[np.float32]
A, B, FLAT = (np.array(v, np.float32) for v in ([0.0, 0.0], [1.0, 2.0], [0.0, 0.0]))
LINE = partial(points, A, B, FLAT)
some = arrays(np.float32, 3, elements=st.floats(-4, 4, width=32))


@given(start=some, end=some, bend=some)
def test_the_ends_are_exact(start: Z, end: Z, bend: Z):
    first, last = points(start, end, bend, np.array([0.0, 1.0]))
    assert np.array_equal(first, start)
    assert np.array_equal(last, end)


def test_without_a_bend_it_is_the_line():
    found = points(A, B, FLAT, np.array([0.25, 0.5]))
    assert found.tolist() == [[0.25, 0.5], [0.5, 1.0]]


def test_a_bend_is_the_quadratics_leading_number():
    t, bend = np.linspace(0, 1, 9), np.array([2.0, -4.0], np.float32)
    found = points(A, B, bend, t)
    fitted = np.polyfit(t, found, 2)
    assert fitted[0] == pytest.approx(bend)


def test_a_bowl_is_gone_down_to_its_bottom():
    bottom = np.array([1.5, -0.5], np.float32)
    found = solve(lambda a: (float(((a - bottom) ** 2).sum()), 2 * (a - bottom)), 2, steps=200)
    assert found == pytest.approx(bottom, abs=0.05)


@given(slope=arrays(np.float32, 2, elements=st.floats(-1, 1, width=32)))
def test_no_path_costs_more_than_the_line(slope: Z):
    """Also where the gradient lies: here it points the wrong way."""

    def energy(a: Z) -> tuple[float, Z]:
        return float((a**2).sum()), slope - a

    assert not solve(energy, 2).any()


def test_what_is_no_number_is_never_the_best():
    assert not solve(lambda a: (np.nan if a.any() else 1.0, np.ones_like(a)), 2).any()


def stairs(edges: list[float]):
    """A melody of one step, which rises by one at each edge of the first dimension."""

    def decode(z: Z) -> Tokens:
        return (z[:, :1] > np.array(edges)).sum(1, keepdims=True).astype(np.int64)

    return decode


def test_what_is_heard_changes_evenly():
    """Three changes crowd into the last tenth of the way; the knob meets them a third apart."""
    decode = stairs([0.905, 0.93, 0.99])
    times = even(LINE, decode)
    knob = np.linspace(0, 1, 1000)
    moved = points(A, B, FLAT, np.array([at(place, times) for place in knob]))
    changes = knob[1:][np.diff(decode(moved)[:, 0]) > 0]
    assert changes == pytest.approx([1 / 6, 1 / 2, 5 / 6], abs=1 / 5)
    assert np.diff(changes) == pytest.approx([1 / 3, 1 / 3], abs=0.2)


@given(edges=st.lists(st.floats(0.01, 0.99), max_size=6))
def test_times_go_from_0_to_1_and_never_back(edges: list[float]):
    times = even(LINE, stairs(sorted(edges)))
    assert (times[0], times[-1], len(times)) == (0, 1, PLACES + 1)
    assert (np.diff(times) >= 0).all()


def test_a_path_that_changes_nothing_is_gone_along_as_it_is():
    assert even(LINE, stairs([])) == pytest.approx(np.linspace(0, 1, PLACES + 1))
