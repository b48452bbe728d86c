"""The table of formats: one file here and one row for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from realtime.devices import amxd, maxpat, open_stage, pd
from realtime.devices.surface import Surface


@dataclass(frozen=True, slots=True)
class Format:
    suffix: str  # of the file's name
    opens: str  # who reads it
    write: Callable[[Surface], bytes]


FORMATS = (
    Format(".amxd", "Ableton Live with Max for Live, as a MIDI effect", amxd.write),
    Format(".maxpat", "Max", maxpat.write),
    Format(".pd", "Pure Data", pd.write),
    Format(".open-stage-control.json", "Open Stage Control", open_stage.write),
)
