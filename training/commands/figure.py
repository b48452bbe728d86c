"""`glissar-train figure`: a paper's figure from runs."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.options import PATH


@click.command("figure")
@click.argument("name")
@click.argument("runs", nargs=-1, required=True, type=PATH)
@click.option("-o", "--output", required=True, type=PATH)
@click.option("--data", type=PATH, help="If not where the runs found it.")
def command(name: str, runs: tuple[Path, ...], output: Path, data: Path | None) -> None:
    """Draw a paper's figure NAME from the runs in the folders RUNS into OUTPUT, .svg or .png."""
    from training import figures

    figures.draw(name, runs, output, data)
    click.echo(str(output))
