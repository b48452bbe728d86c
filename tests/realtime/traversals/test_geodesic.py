"""Paths on a graph by hand: its energy is a bowl whose bottom is at the sum of both ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

from presets.errors import PresetError
from realtime.events import Between
from realtime.inference import Graph, open_graph
from realtime.state import Curve
from realtime.traversals.geodesic import energy, outputs, point, solve

A, B = np.array([0.0, 1.0], np.float32), np.array([1.0, 0.5], np.float32)
BOWL = """
<ir_version: 8, opset_import: ["" : 18]>
energy (float[2] a, float[2] start, float[2] end) => (float energy, float[2] gradient)
{
    bottom = Add(start, end)
    away = Sub(a, bottom)
    energy = ReduceSumSquare<keepdims = 0>(away)
    gradient = Add(away, away)
}
"""


@pytest.fixture(scope="module")
def bowl() -> Graph:
    return open_graph(onnx.parser.parse_model(BOWL).SerializeToString(), "cpu")


def decode(z: np.ndarray) -> np.ndarray:
    return (z > 0.6).astype(np.int64)


class Broken:
    """A graph that gives what it must not."""

    def __init__(self, value: object, slope: object) -> None:
        self._out = [np.asarray(value, np.float32), np.asarray(slope, np.float32)]

    def run(self, output_names: Sequence[str], inputs: Mapping[str, Any]) -> list[Any]:
        return self._out

    def get_providers(self) -> list[str]:
        return []


def test_the_bend_of_least_energy_is_found(bowl: Graph) -> None:
    found = solve(bowl, A, B, decode)
    assert found.bend == pytest.approx((1.0, 1.5), abs=0.2)
    assert (found.times[0], found.times[-1]) == (0, 1)


def test_without_a_graph_it_is_the_straight_line(bowl: Graph) -> None:
    assert solve(None, A, B, decode).bend == (0, 0)


def test_what_a_graph_says_is_its_energy_and_gradient(bowl: Graph) -> None:
    value, slope = energy(bowl, A, A, B)
    assert value == pytest.approx(((A - A - B) ** 2).sum())
    assert slope == pytest.approx(2 * (A - A - B))


@pytest.mark.parametrize(
    ("value", "slope"),
    [([1.0, 2.0], [0.0, 0.0]), (1.0, [0.0]), (1.0, [np.nan, 0.0]), (1.0, [np.inf, 0.0])],
)
def test_what_makes_no_sense_is_a_sentence(value: object, slope: object) -> None:
    with pytest.raises(PresetError, match=r"energy that makes sense; get the preset again"):
        energy(Broken(value, slope), A, A, B)


def test_a_morph_stands_on_its_curve_and_until_it_is_there_on_the_line() -> None:
    between = Between((), (), 0.5)
    assert point(A, B, between) == pytest.approx((A + B) / 2)
    bent = Between((), (), 0.5, Curve((4.0, 0.0), (0.0, 0.5, 1.0)))
    assert point(A, B, bent) == pytest.approx((A + B) / 2 - [1.0, 0.0])


def test_a_morph_goes_at_the_pace_that_its_curve_has() -> None:
    late = Curve((), (0.0, 0.9, 1.0))
    assert point(A, B, Between((), (), 0.5, late)) == pytest.approx(0.1 * A + 0.9 * B)


@pytest.mark.parametrize(("place", "end"), [(0.0, A), (1.0, B)])
def test_its_ends_are_exact(place: float, end: np.ndarray) -> None:
    curve = Curve((3.0, -7.0), (0.0, 0.3, 1.0))
    assert np.array_equal(point(A, B, Between((), (), place, curve)), end)


def test_golden_paths_are_held_against_the_graph(bowl: Graph) -> None:
    rows = np.stack([A, B])
    golden = {f"energy.onnx/{name}": rows for name in ("a", "start", "end", "energy", "gradient")}
    found = outputs(bowl, golden)
    assert set(found) == {"energy.onnx/energy", "energy.onnx/gradient"}
    assert found["energy.onnx/gradient"] == pytest.approx(2 * (rows - 2 * rows))
    for without in (
        {"z": rows},
        {name: array for name, array in golden.items() if not name.endswith("gradient")},
        {**golden, "energy.onnx/a": rows[:1]},
        {name: rows[:0] for name in golden},
        {name: np.zeros((), np.float32) for name in golden},
    ):
        with pytest.raises(PresetError, match="no golden answers to check"):
            outputs(bowl, without)
