"""Free: the second axis of a knob's map, a dimension that follows no attribute, moved as a knob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from presets.manifest import HIGH, LOW, Calibration, Dimension
from presets.plane import Free
from realtime.state import Knob
from realtime.traversals.slide import Z, slide

Places = dict[str, tuple[float, float]]  # by knob: x and y on its map, 0 to 1


def dimensions(free: Mapping[str, Free]) -> list[Dimension]:
    """As knobs' dimensions, so that they slide as knobs do: ±1 is the whole way, and no further."""
    return [Dimension(knob, axis.index, _calibration(axis)) for knob, axis in free.items()]


def drift(z: Z, set_to: Mapping[str, Knob], free: Sequence[Dimension]) -> Z:
    """`z` [Z] with each engaged one moved; neutral ones leave it as it is."""
    return slide(z, set_to, free) if set_to else z


def places(z: Z, knobs: Sequence[Dimension], free: Mapping[str, Free]) -> Places:
    """Where a point [Z] lies on each map: x as the knob's target, y along the free dimension."""
    return {
        dimension.attribute: (
            dimension.calibration.target(float(z[dimension.index])),
            free[dimension.attribute].place(float(z[free[dimension.attribute].index])),
        )
        for dimension in knobs
        if dimension.attribute in free
    }


def _calibration(axis: Free) -> Calibration:
    return Calibration([LOW, HIGH], [axis.low, axis.high], [0.0, 0.0])
