"""`glissar-train morph`: whether the natural path between two windows is better than a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from training.commands.options import ANY, MANY, PATH, SEED

if TYPE_CHECKING:
    from training.geodesics.music import Row


@click.command("morph")
@click.argument("run", type=PATH)
@click.option("--data", type=PATH, help="If not where the run found it.")
@click.option("--judge", type=PATH, help="A melody VAE's run, which says how likely windows are.")
@click.option("--pairs", default=200, type=MANY, show_default=True, help="Of unseen windows.")
@click.option("--steps", default=16, type=click.IntRange(3), show_default=True)
@click.option("--seed", default=0, type=SEED)
@click.option("--threads", default=0, type=ANY, help="CPU threads; 0: torch's choice.")
def command(
    run: Path,
    data: Path | None,
    judge: Path | None,
    pairs: int,
    steps: int,
    seed: int,
    threads: int,
) -> None:
    """Morph between unseen windows of a house model's RUN along straight lines, arcs, and the paths
    of least energy, and say what is decoded on the way."""
    import torch

    from training import checkpoint, fitting
    from training.geodesics import music

    if threads:
        torch.set_num_threads(threads)
    trained = checkpoint.load(run)
    judged = checkpoint.load(judge) if judge else None
    windows = fitting.learnt(trained, data)
    click.echo(f"{pairs} pairs, {steps} steps each; [95 % interval over pairs]")
    for row in music.table(trained, windows, judged, pairs, steps, seed):
        click.echo("\n".join(_told(row, seed)))


def _told(row: Row, seed: int) -> Iterator[str]:
    from training.geodesics import music

    yield f"{row.way}, {'evenly' if row.even else 'at its own pace'}"
    for name, values in row.figures.items():
        found = music.estimate(values, seed)
        low, high = found.interval
        yield f"  {name:14} {found.value:8.3f} [{low:.3f}, {high:.3f}]"
