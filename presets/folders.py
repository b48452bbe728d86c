"""Where presets are. No numpy here: the supervisor and the player must stay small."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from presets.bar import Meter
from presets.errors import PresetError

MANIFEST = "preset.json"
SHIPPED = Path(__file__).parent / "shipped"


def find(name: str) -> Path:
    """The folder that a person means by `name`: a path, or the name of a shipped preset."""
    for folder in (Path(name), SHIPPED / name):
        if (folder / MANIFEST).is_file():
            return folder
    have = ", ".join(shipped()) or "none"
    raise PresetError(
        f"there is no preset {name}; give a folder with a {MANIFEST}, or one of: {have}."
    )


def shipped() -> list[str]:
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{MANIFEST}"))


class _Dimension(Struct):
    attribute: str


class _Grid(Struct):
    meter: str


class _Facts(Struct):
    grid: _Grid
    dimensions: list[_Dimension]


def meter_and_knobs(folder: Path) -> tuple[Meter, list[str]]:
    """What a command needs to know before anything is loaded. Raises PresetError."""
    path = folder / MANIFEST
    try:
        facts = msgspec.json.decode(path.read_bytes(), type=_Facts)
        beats, unit = facts.grid.meter.split("/")
        return Meter(int(beats), int(unit)), [d.attribute for d in facts.dimensions]
    except (OSError, msgspec.DecodeError, ValueError) as error:
        raise PresetError(f"{path} is no readable manifest ({error}); get it again.") from error
