"""The map as the panel gets it."""

from __future__ import annotations

import json
from pathlib import Path

from presets.preset import read
from realtime.chart import chart


def test_every_knob_has_its_plane_in_its_own_units(mapped_preset: Path) -> None:
    preset = read(mapped_preset)
    told = json.loads(chart(preset))
    assert told["preset"] == "tiny"
    assert [plane["knob"] for plane in told["planes"]] == ["density", "contour"]
    density = told["planes"][0]
    assert density["unit"] == "notes"
    assert density["rows"] == preset.planes()["density"].tolist()
    assert density["ends"] == [2.24, 13.76]  # notes, at the knob's ends
    axis = preset.manifest.free["density"]
    assert density["across"] == {"dimension": axis.index, "changes": axis.changes}


def test_a_preset_without_a_map_has_no_planes(tiny_preset: Path) -> None:
    assert json.loads(chart(read(tiny_preset))) == {"preset": "tiny", "planes": []}
