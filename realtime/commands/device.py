"""`glissar device`: a preset's controls in Live, Max, Pure Data and Open Stage Control."""

from __future__ import annotations

from pathlib import Path

import click

from presets.errors import GlissarError
from presets.folders import known
from presets.preset import read_named
from realtime import midifile
from realtime.devices.formats import FORMATS
from realtime.devices.surface import surface
from realtime.settings import OscSettings


@click.command("device")
@click.option("-p", "--preset", required=True, help="A shipped preset or a model folder.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder to write into.  [default: this one]",
)
@click.option(
    "--osc-port",
    type=click.IntRange(1, 65535),
    default=OscSettings().port,
    show_default=True,
    help="Where `glissar play` hears.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def command(preset: str, out: Path, osc_port: int, force: bool) -> None:
    """Write devices for a preset: a Max for Live MIDI effect, a Max patch, a Pure Data patch and
    an Open Stage Control session."""
    made = surface(read_named(preset).manifest, known(), osc_port)
    files = {out / f"glissar-{made.preset}{row.suffix}": row for row in FORMATS}
    there = [str(file) for file in files if file.exists()]
    if there and not force:
        raise GlissarError(
            f"{', '.join(there)} would be overwritten; add --force, or give another folder with -o."
        )
    written = {file: row.write(made) for file, row in files.items()}
    for file, row in files.items():
        midifile.save(file, written[file])
        click.echo(f"{file}  for {row.opens}")
