"""Slide: a knob moves the dimension that follows its attribute (AR-VAE, section 3.2).

What is tied to it is taken along, unless it has a place of its own from its own knob.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from presets.manifest import HIGH, LOW, Calibration, Dimension
from realtime.state import Knob

Z = NDArray[np.float32]


def slide(z: Z, knobs: Mapping[str, Knob], dimensions: Sequence[Dimension]) -> Z:
    """`z` [Z] with each engaged knob's dimension moved; neutral knobs leave it as it is."""
    moved, index = z.copy(), {d.attribute: d.index for d in dimensions}
    for dimension in dimensions:
        reading, number = knobs.get(dimension.attribute, ("offset", 0.0))
        here = float(z[dimension.index])
        by = READINGS[reading](here, number, dimension.calibration) - here
        moved[dimension.index] += by
        for name, share in dimension.takes.items():
            if knobs.get(name, ("offset", 0.0))[0] == "offset":
                moved[index[name]] += share * by
    return moved


def engaged(knob: Knob) -> bool:
    """Whether a knob asks for anything: an offset of 0 does not, a target or a value always."""
    reading, number = knob
    return reading != "offset" or number != 0.0


def as_targets(knobs: Mapping[str, Knob]) -> dict[str, Knob]:
    """Where nothing was played there is nothing to be off: an offset is a place in the style.

    −1 and 1 are its ends; a neutral knob asks for nothing.
    """
    return {
        name: ("target", (number + 1) / 2) if reading == "offset" else (reading, number)
        for name, (reading, number) in knobs.items()
        if engaged((reading, number))
    }


def _offset(here: float, number: float, calibration: Calibration) -> float:
    """−1..1: ±1 is the whole way from the style's low end to its high end, stopping at the ends.

    A window that already lies outside the style is never moved against the knob.
    """
    low, high = calibration.at(LOW), calibration.at(HIGH)
    there = here + number * (high - low)
    return min(there, max(high, here)) if number > 0 else max(there, min(low, here))


def _target(here: float, number: float, calibration: Calibration) -> float:
    """0..1: the percentile of the style."""
    return calibration.at(LOW + number * (HIGH - LOW))


def _stay(here: float, number: float, calibration: Calibration) -> float:
    return here


READINGS: dict[str, Callable[[float, float, Calibration], float]] = {
    "offset": _offset,
    "target": _target,
    "value": _stay,  # found by listening: see `ask`
}
RANGES: dict[str, tuple[float, float]] = {
    "offset": (-1.0, 1.0),
    "target": (0.0, 1.0),
    "value": (-127.0, 127.0),
}
