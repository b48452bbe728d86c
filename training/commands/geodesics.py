"""`glissar-train geodesics`: short ways through a latent space, on two moons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from training.commands.options import ANY, MANY, PATH, SEED


@click.command("geodesics")
@click.option("--steps", default=3000, type=MANY, show_default=True, help="Of training.")
@click.option("--pairs", default=500, type=MANY, show_default=True, help="Any two points.")
@click.option("--gaps", default=100, type=MANY, show_default=True, help="Pairs with a gap between.")
@click.option("--draws", default=100_000, type=MANY, show_default=True, help="Of Monte-Carlo.")
@click.option("--line-only", is_flag=True, help="Warm starts begin at straight lines alone.")
@click.option("--oracle", is_flag=True, help="Compare with stochman's splines, if it is installed.")
@click.option("--figure", type=PATH, help="Draw the paper's Fig. 1: .svg or .png.")
@click.option("--seed", default=0, type=SEED)
@click.option("--threads", default=0, type=ANY, help="CPU threads; 0: torch's choice.")
def command(
    steps: int,
    pairs: int,
    gaps: int,
    draws: int,
    line_only: bool,
    oracle: bool,
    figure: Path | None,
    seed: int,
    threads: int,
) -> None:
    """Train a small VAE of two moons, join pairs of points in its latent space as Yang & Hauberg
    2018 do, and say what that is worth. About two minutes of one core."""
    import torch

    from training.figures import canvas, yh_moons
    from training.geodesics import compare, measure, moons, table
    from training.geodesics import oracle as splines

    if oracle:
        splines.check()  # before what takes a minute
    if figure:
        canvas.kind(figure)
    if threads:
        torch.set_num_threads(threads)
    trained = moons.train(seed, steps)
    made = replace(measure.bench(trained, seed, pairs, gaps, draws), line_only=line_only)
    found = {name: measure.of_reading(made, name) for name in measure.READINGS}
    click.echo("\n".join(table.readings(found)))
    both = {**measure.decoder(made), **compare.shortest(made)}
    click.echo("\n".join(table.rows(table.OF_DECODER, both)))
    if oracle:
        click.echo("\n".join(table.rows(table.OF_SPLINES, compare.splines(made))))
    if figure:
        with canvas.look():
            canvas.save(yh_moons.geodesics(made), figure)
