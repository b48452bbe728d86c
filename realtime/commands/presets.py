"""`glissar presets`: what can be played, and whether it plays right here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
import msgspec

from presets import attributes
from presets.errors import PresetError
from presets.folders import home, installed, shipped
from presets.manifest import Dimension
from presets.preset import Preset, read_named
from realtime.commands import mapping, sharing


@click.group("presets")
def command() -> None:
    """List, show and verify presets; pack them, install and remove others'."""


for shared in (sharing.pack, sharing.install_, sharing.remove, mapping.command):
    command.add_command(shared)


@command.command("list")
def list_() -> None:
    """The presets that have a name, one a line: the shipped ones, then the installed ones."""
    for name in shipped():
        click.echo(f"{name}  {read_named(name).manifest.plays}")
    for name in installed():
        click.echo(f"{name}  {_plays(name)} (installed)")


@command.command("show")
@click.argument("name")
def show(name: str) -> None:
    """What a preset is, what its knobs do, and how well."""
    preset = read_named(name)
    manifest = preset.manifest
    grid = manifest.grid
    for label, text in (
        ("plays", manifest.plays),
        (
            "grid",
            f"{grid.bars} bar(s) of {grid.meter}, beats divided at {' '.join(grid.positions)}",
        ),
        ("notes", f"MIDI {preset.encoding.vocabulary.low} to {preset.encoding.vocabulary.high}"),
        ("corpus", manifest.corpus),
        ("licence", manifest.licence),
        ("made by", manifest.provenance.command),
        ("folder", str(preset.folder)),
    ):
        click.echo(f"{label:8} {text}")
    for dimension in manifest.dimensions:
        click.echo(_knob(dimension, preset))
    for menu in manifest.menus:
        click.echo(f"  constrain {menu.name}: {', '.join(menu.entries)}")
    for line in _quality(manifest.quality):
        click.echo(line)


@command.command("verify")
@click.argument("name")
def verify(name: str) -> None:
    """Check a preset's files, and its outputs against its golden windows, on this machine."""
    from realtime.model import Model  # onnxruntime is needed for this one only

    preset = read_named(name)
    worst = Model(preset).verify()
    click.echo(
        f"{preset.name} is sound: {len(preset.files)} files, largest difference {worst:.1e}."
    )


def _plays(name: str) -> str:
    """What an installed preset plays: one that was damaged since hides no other."""
    try:
        return read_named(str(home() / name)).manifest.plays
    except PresetError as error:
        return str(error)


class _Figure(msgspec.Struct):
    value: float
    low: float
    high: float


def _quality(quality: Mapping[str, Any]) -> Iterator[str]:
    """Figures with their 95 % intervals, one a line; anything else that a card may hold is left."""
    try:
        figures = msgspec.convert(quality.get("figures", {}), dict[str, _Figure])
    except msgspec.ValidationError:
        return
    for name, figure in figures.items():
        yield f"  {name:34} {figure.value:6.3f}  [{figure.low:.3f}, {figure.high:.3f}]"


def _knob(dimension: Dimension, preset: Preset) -> str:
    attribute = attributes.ATTRIBUTES[dimension.attribute]
    grid, heard = preset.encoding.grid, dimension.calibration.value
    low, high = attribute.in_units(min(heard), grid), attribute.in_units(max(heard), grid)
    return (
        f"  knob {attribute.name:8} {low:.3g} to {high:.3g} {attribute.unit}: {attribute.sentence}"
    )
