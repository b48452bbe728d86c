"""`glissar-train realism`: a critic that knows where a style lies, an actor that goes there."""

from __future__ import annotations

from pathlib import Path

import click

from presets.constraint import REALISM, Constraint
from presets.preset import read_named
from training.commands import rule, run
from training.commands.options import PATH


@click.command("realism")
@click.argument("data", type=PATH)
@rule.options
def command(
    data: Path, name: str, output: Path, changes: tuple[str, ...], seed: int, threads: int
) -> None:
    """Learn where in the space of a preset the windows of DATA lie, which it was trained on.

    `glissar-export OUTPUT --into PRESET` gives it a realism meter and a guard.
    """
    from training.constraints import learn
    from training.data import dataset
    from training.figures import canvas, lc_contours

    fit, preset, windows = rule.prepared(changes, threads), read_named(name), dataset.load(data)
    constraint = Constraint(REALISM, [REALISM])
    known, unseen = learn.styles(preset, windows, seed)
    run.make(output)
    learnt = learn.learn_realism(known, unseen, fit, seed, rule.bar)
    figures = rule.written(output, constraint, preset, fit, seed, learnt)
    with canvas.look():
        canvas.save(
            lc_contours.contours(learnt.pair, known, unseen), output / "figures" / "lc-3.svg"
        )
    click.echo(
        f"area under the curve against the prior: {figures['learnt/auc']:.3f} of windows that were "
        f"learnt, {figures['unseen/auc']:.3f} of unseen ones, {figures['moved/auc']:.3f} of moved "
        "draws"
    )
    click.echo(f"{output}: play it after glissar-export {output} --into {name}")
