"""Geodesic: a knob goes from one window to another along the natural path (Yang & Hauberg 2018).

A preset whose decoder has no gradient to export has no `energy.onnx`, and its path is the straight
line; on either, a knob that goes evenly hears even steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets import geodesic
from presets.errors import PresetError
from presets.geodesic import Decode
from presets.graphs import ENERGY
from realtime.events import Between
from realtime.inference import Graph
from realtime.state import Curve

Z = NDArray[np.float32]
INPUTS = ("a", "start", "end")
OUTPUTS = ("energy", "gradient", "ridge", "ridge_gradient")
STRAIGHT = Curve((), (0.0, 1.0))


def solve(graph: Graph | None, start: Z, end: Z, decode: Decode) -> Curve:
    """The path from one point [Z] to another. Raises PresetError where the graph makes no sense."""
    bend = np.zeros_like(start)
    if graph is not None:
        bend = geodesic.solve(lambda a: energy(graph, a, start, end), len(start))
    times = geodesic.even(partial(geodesic.points, start, end, bend), decode)
    return Curve(tuple(bend.tolist()), tuple(times.tolist()))


def energy(graph: Graph, a: Z, start: Z, end: Z) -> tuple[float, Z]:
    """Of the path with the bend a [Z], with its gradient [Z]. Raises PresetError."""
    value, slope = graph.run(["energy", "gradient"], {"a": a, "start": start, "end": end})
    if value.size != 1 or slope.shape != a.shape or not np.isfinite(slope).all():
        raise PresetError("energy.onnx gives no energy that makes sense; get the preset again.")
    return float(value.reshape(())), slope


def outputs(graph: Graph, golden: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What the graph makes of golden paths, row by row, by the golden arrays' names. Raises
    PresetError where there are none to hold against it."""
    names = [name for name in OUTPUTS if f"{ENERGY}/{name}" in golden]
    keys = [f"{ENERGY}/{name}" for name in INPUTS]
    given = {name: golden[key] for name, key in zip(INPUTS, keys, strict=True) if key in golden}
    sizes = {rows.shape[:1] for rows in given.values()}
    whole = len(given) == len(INPUTS) and len(sizes) == 1 and sizes.isdisjoint({(), (0,)})
    if not whole or names[:2] != list(OUTPUTS[:2]):
        raise PresetError(f"{ENERGY} has no golden answers to check; get the preset again.")
    rows = [dict(zip(given, row, strict=True)) for row in zip(*given.values(), strict=True)]
    found = zip(*(graph.run(names, row) for row in rows), strict=True)
    return {f"{ENERGY}/{name}": np.stack(each) for name, each in zip(names, found, strict=True)}


def point(start: Z, end: Z, between: Between) -> Z:
    """Where a morph stands [Z]."""
    curve = between.curve or STRAIGHT
    bend = np.array(curve.bend or np.zeros(len(start)), np.float32)
    time = geodesic.at(between.place, np.array(curve.times))
    return geodesic.points(start, end, bend, np.array([time]))[0]
