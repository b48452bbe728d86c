"""`.maxpat`: the device as a patch for Max alone."""

from __future__ import annotations

import json

from realtime.devices.max_device import patcher
from realtime.devices.surface import Surface


def write(surface: Surface) -> bytes:
    return json.dumps({"patcher": patcher(surface)}, indent=1).encode()
