"""`glissar init`: a settings file with every choice in it, commented."""

from __future__ import annotations

from pathlib import Path

import click

from realtime.settings_file import DEFAULT_FILE, init


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT_FILE)
def command(file: Path) -> None:
    """Write a commented settings file (glissar.toml)."""
    init(file)
    click.echo(f"{file} written; edit it, then `glissar play` reads it from this folder.")
