"""Where presets are. No numpy here: the supervisor and the player must stay small."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import platformdirs
from msgspec import Meta, Struct

from presets.bar import METER, Meter
from presets.errors import PresetError

MANIFEST = "preset.json"
MAX_MANIFEST = 4 << 20  # bytes
SHIPPED = Path(__file__).parent / "shipped"


def home() -> Path:
    """Where this user's installed presets are, by the conventions of the platform."""
    return platformdirs.user_data_path("glissar", appauthor=False, roaming=True) / "presets"


def find(name: str) -> Path:
    """The folder that a person means by `name`: a path, or the name of a shipped preset or of an
    installed one."""
    for folder in (Path(name), SHIPPED / name, home() / name):
        if (folder / MANIFEST).is_file():
            return folder
    have = ", ".join(known()) or "none"
    raise PresetError(
        f"there is no preset {name}; give a folder with a {MANIFEST}, or one of: {have}."
    )


def known() -> list[str]:
    """All that have a name: the shipped ones, then the installed ones."""
    return shipped() + installed()


def shipped() -> list[str]:
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{MANIFEST}"))


def installed() -> list[str]:
    """Without what an install that was cut off has left, whose name begins with a dot; and without
    what a later glissar ships under the same name, which is then found in its place."""
    names = {path.parent.name for path in home().glob(f"[!.]*/{MANIFEST}")}
    return sorted(names.difference(shipped()))


def has_namesake(folder: Path) -> bool:
    """Whether a preset in `folder` has the name of a shipped one, and is another: `find` knows it
    by its name only where a person stands beside it."""
    name = folder.name
    return name in shipped() and folder.resolve() != (SHIPPED / name).resolve()


def read_bytes(folder: Path, path: str, limit: int) -> bytes:
    """A plain file of at most `limit` bytes that lies inside `folder`. Raises PresetError."""
    file = folder / path
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            raise PresetError(f"{file} leads outside its folder; do not use this preset.")
        size = file.stat().st_size
        if not file.is_file():
            raise PresetError(f"{file} is no plain file; get the preset again.")
        if size > limit:
            raise PresetError(f"{file} is over {limit >> 20} MB; this is no preset of glissar.")
        return file.read_bytes()
    except FileNotFoundError as error:
        raise PresetError(f"{file} is missing; get the preset again.") from error
    except (OSError, ValueError, RuntimeError) as error:  # no permission; a NUL; links in a circle
        raise PresetError(f"{str(file)!r} cannot be read ({error}); get it again.") from error


class _Dimension(Struct):
    attribute: str


class _Grid(Struct):
    bars: Annotated[int, Meta(ge=1, le=64)]
    meter: Annotated[str, Meta(pattern=METER)]


class _Menu(Struct):
    name: str
    entries: list[str]


class _Constraint(Struct):
    name: str
    menus: list[_Menu] = []


class _Facts(Struct):
    grid: _Grid
    dimensions: list[_Dimension]
    constraints: list[_Constraint] = []


class Glance(NamedTuple):
    meter: Meter
    knobs: list[str]
    menus: dict[str, list[str]]  # what constraints can be asked for
    bars: int  # of a window


def glance(folder: Path) -> Glance:
    """What a command needs to know before anything is loaded. Raises PresetError."""
    try:
        facts = msgspec.json.decode(read_bytes(folder, MANIFEST, MAX_MANIFEST), type=_Facts)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise PresetError(
            f"{folder / MANIFEST} is no readable manifest ({error}); get it again."
        ) from error
    knobs = [dimension.attribute for dimension in facts.dimensions]
    menus = [m for c in facts.constraints for m in c.menus or [_Menu(c.name, ["on"])]]
    named = {menu.name: menu.entries for menu in menus}
    return Glance(Meter.read(facts.grid.meter), knobs, named, facts.grid.bars)
