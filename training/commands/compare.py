"""`glissar-train compare`: cards side by side."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.options import PATH


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, type=PATH)
@click.option(
    "-o", "--output", type=PATH, help="A folder for the same as Markdown, figures, and a page."
)
def command(runs: tuple[Path, ...], output: Path | None) -> None:
    """Put the cards of RUNS side by side: mean and spread over seeds, and the papers' figures.

    With -o also what is heard along every knob, and bars to listen to; both take some seconds a
    run.
    """
    from training.comparing import compare as side_by_side

    for line in side_by_side.lines(side_by_side.loaded(runs)):
        click.echo(line)
    if output:
        from training.comparing import comparison

        click.echo(f"\n{comparison.write(runs, output)}")
