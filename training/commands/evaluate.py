"""`glissar-train evaluate`: how good a run is, told, written and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from training.commands.options import PATH, SEED


@click.command("evaluate")
@click.argument("run", type=PATH)
@click.option("--data", type=PATH, help="If not where the run found it.")
@click.option(
    "--split",
    default="test",
    type=click.Choice(["test", "validation"]),
    help="validation is for choosing between runs, and writes no card.",
)
@click.option(
    "--sample", default=1200, type=click.IntRange(1), help="Windows whose knobs are turned."
)
@click.option("--seed", default=0, type=SEED)
@click.option(
    "--asked", default=0, type=click.IntRange(0), help="Windows of which values are asked, too."
)
@click.option("--figures/--no-figures", default=True, help="Draw the papers' figures, too.")
def command(run: Path, data: Path | None, figures: bool, **how: Any) -> None:
    """Measure the run in folder RUN on unseen bars; print the figures, write its card, draw."""
    from training import figures as papers

    measure(run, data, **how)
    if figures and how["split"] == "test":
        for path in papers.of_run(run, papers.opened(run, data)):
            click.echo(str(path))


def measure(
    run: Path, data: Path | None, split: str, sample: int, seed: int, asked: int = 0
) -> dict[str, Any]:
    """Print a run's card, write it if it is of the test split, and return it."""
    from training import checkpoint, fitting
    from training.evaluation import report
    from training.evaluation.evaluate import (
        evaluate,  # scikit-learn takes seconds to import, as torch does
    )

    trained = checkpoint.load(run)
    card = evaluate(trained, fitting.learnt(trained, data), split, sample, seed, asked)
    told = "\n".join(report.lines(card)) + "\n"
    if split == "test":
        checkpoint.write_card(run, card, told)
    click.echo(told, nl=False)
    return card
