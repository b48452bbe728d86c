"""`glissar-train compare`: cards side by side."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.options import PATH


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, type=PATH)
def command(runs: tuple[Path, ...]) -> None:
    """Put the cards of RUNS side by side: mean and spread over seeds, and the papers' figures."""
    from training import checkpoint
    from training import compare as side_by_side

    for line in side_by_side.lines({run.resolve().name: checkpoint.load(run) for run in runs}):
        click.echo(line)
