"""`.amxd`: the device for Live, a MIDI effect.

Chunks of a tag, the size of what follows (four bytes, little-endian), and that: the kind of device,
a number whose meaning nobody tells, and the patcher as JSON, which ends in a newline and a zero.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from realtime.devices.max_device import patcher
from realtime.devices.surface import Surface

MIDI_EFFECT = b"mmmm"
META = struct.pack("<I", 1)  # as in an unfrozen device of Ableton's own


def write(surface: Surface) -> bytes:
    device = {"patcher": patcher(surface) | {"project": _project()}}
    text = json.dumps(device, indent=1).encode() + b"\n\0"
    return _chunk(b"ampf", MIDI_EFFECT) + _chunk(b"meta", META) + _chunk(b"ptch", text)


def _chunk(tag: bytes, data: bytes) -> bytes:
    return tag + struct.pack("<I", len(data)) + data


def _project() -> dict[str, Any]:
    """Max refuses a device without one."""
    return {
        "version": 1,
        "creationdate": 0,
        "modificationdate": 0,
        "viewrect": [0.0, 0.0, 300.0, 500.0],
        "autoorganize": 1,
        "hideprojectwindow": 1,
        "showdependencies": 1,
        "autolocalize": 0,
        "contents": {"patchers": {}},
        "layout": {},
        "searchpath": {},
        "detailsvisible": 0,
        "amxdtype": int.from_bytes(MIDI_EFFECT, "big"),
        "readonly": 0,
        "devpathtype": 0,
        "devpath": ".",
        "sortmode": 0,
        "viewmode": 0,
    }
