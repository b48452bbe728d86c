"""The map of the preset that plays, as the panel draws it: JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from presets.attributes import ATTRIBUTES
from presets.manifest import HIGH, LOW, Dimension
from presets.plane import Plane
from presets.preset import Preset

DIGITS = 4  # behind the point, of values


def chart(preset: Preset) -> bytes:
    """Every knob's plane: rows from low to high across, in each the knob from its low end to its
    high end. Raises PresetError where the map is damaged."""
    planes = preset.planes()
    mapped = [d for d in preset.manifest.dimensions if d.attribute in planes]
    told = [_told(dimension, planes[dimension.attribute], preset) for dimension in mapped]
    return msgspec.json.encode({"preset": preset.name, "planes": told})


def _told(dimension: Dimension, plane: Plane, preset: Preset) -> dict[str, Any]:
    """`ends`: what is heard on average at the ends of the knob."""
    attribute, axis = ATTRIBUTES[dimension.attribute], preset.manifest.free[dimension.attribute]
    calibration, grid = dimension.calibration, preset.encoding.grid
    ends = np.interp([LOW, HIGH], calibration.p, calibration.value).tolist()
    return {
        "knob": dimension.attribute,
        "says": attribute.sentence,
        "unit": attribute.unit,
        "ends": [round(attribute.in_units(end, grid), DIGITS) for end in ends],
        "across": {"dimension": axis.index, "changes": axis.changes},
        "rows": [[round(value, DIGITS) for value in row] for row in plane.tolist()],
    }
