"""`glissar cc`: what the controllers of this machine turn."""

from __future__ import annotations

from pathlib import Path

import click

from realtime import settings_file
from realtime.cc.file import path_of, read


@click.command("cc")
@click.option("--settings", type=click.Path(path_type=Path), default=None, help="A TOML file.")
def command(settings: Path | None) -> None:
    """List what your controllers turn. A glissar that plays learns and forgets, by
    /glissar/cc/learn and /glissar/cc/forget."""
    path = path_of(settings_file.load(settings, {}).controller.map)
    mapping = read(path)
    for line in sorted(map(str, mapping.controllers)):
        click.echo(line)
    for number, preset in enumerate(mapping.programs, start=1):
        click.echo(f"program {number} /glissar/preset/load {preset}")
    nothing = "" if mapping.controllers or mapping.programs else "nothing is mapped yet; "
    click.echo(f"{nothing}{path}", err=True)
