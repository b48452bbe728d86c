"""`glissar-train listen`: a page to hear the knobs of runs."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.options import PATH, SEED


@click.command("listen")
@click.argument("runs", nargs=-1, required=True, type=PATH)
@click.option("-o", "--output", required=True, type=PATH)
@click.option("--seed", default=0, type=SEED, help="Draws the bars.")
def command(runs: tuple[Path, ...], output: Path, seed: int) -> None:
    """Write a page to listen to the knobs of the runs in the folders RUNS, into folder OUTPUT."""
    from training.comparing import listening
    from training.figures import measured

    click.echo(str(listening.write([measured.opened(run) for run in runs], output, seed)))
