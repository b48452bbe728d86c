"""`glissar-train again`: from nothing what a card describes."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands import evaluate, prepare, run
from training.commands.options import ANY, PATH
from training.data import dataset


@click.command("again")
@click.argument("card", type=PATH)
@click.option("-o", "--output", required=True, type=PATH)
@click.option("--threads", default=0, type=ANY, help="CPU threads; 0 leaves torch's choice.")
def command(card: Path, output: Path, threads: int) -> None:
    """Make again into OUTPUT what CARD describes: a run's card.json or folder, a preset's folder.

    The data are prepared, the model is trained and measured; then both cards stand side by side.
    """
    from training import again as described

    before = described.read(card)
    data = output / "data.npz"
    if not data.is_file():
        prepare.command.main([*before.prepare[1:], "-o", str(data)], standalone_mode=False)
    for difference in described.differences(before.data, dataset.load(data).card):
        click.echo(f"other than in {card}: {difference}", err=True)
    typed = f"glissar-train again {card} -o {output}"
    run.train(described.moved(before.config, data), typed, output, threads)
    found = evaluate.measure(output, None, "test", before.sample, before.seed)
    for line in described.beside(before.figures, found["figures"]):
        click.echo(line)
