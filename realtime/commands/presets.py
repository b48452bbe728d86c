"""`glissar presets`: what can be played, and whether it plays right here."""

from __future__ import annotations

import click

from presets import attributes
from presets.folders import shipped
from presets.manifest import Dimension
from presets.preset import Preset, read_named


@click.group("presets")
def command() -> None:
    """List, show and verify presets."""


@command.command("list")
def list_() -> None:
    """The shipped presets, one a line."""
    for name in shipped():
        click.echo(f"{name}  {read_named(name).manifest.plays}")


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
    for name_, value in manifest.quality.items():
        click.echo(f"  {name_}: {value}")


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


def _knob(dimension: Dimension, preset: Preset) -> str:
    attribute = attributes.ATTRIBUTES[dimension.attribute]
    grid, heard = preset.encoding.grid, dimension.calibration.value
    low, high = attribute.in_units(min(heard), grid), attribute.in_units(max(heard), grid)
    return (
        f"  knob {attribute.name:8} {low:.3g} to {high:.3g} {attribute.unit}: {attribute.sentence}"
    )
