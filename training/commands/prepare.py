"""`glissar-train prepare`: a corpus becomes one file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from presets.errors import GlissarError
from training.commands.options import PATH, SEED
from training.data import dataset


@click.command("prepare")
@click.option("--folk", is_flag=True, help="O'Neill, Ryan and Aird in place of Bach.")
@click.option("--midi", type=PATH, help="A folder of MIDI files instead.")
@click.option("--two-bars", is_flag=True, help="Bach by the notes' names, two bars at a time.")
@click.option("--pairs", is_flag=True, help="Two bars at a time, each with the one after it.")
@click.option("--melodies", is_flag=True, help="Sixteen bars of sixteenths, as they are played.")
@click.option("--rows", is_flag=True, help="Split rows as the papers do: kinder, to compare.")
@click.option(
    "--stride",
    default=4,
    type=click.IntRange(1, 32),
    help="Sixteenths from one such window to the next; the paper's is 1.",
)
@click.option("-o", "--output", type=PATH, help="runs/data/ and the corpus's name.")
@click.option("--seed", default=0, type=SEED, help="Draws the works that are held out.")
def command(
    folk: bool,
    midi: Path | None,
    two_bars: bool,
    pairs: bool,
    melodies: bool,
    rows: bool,
    stride: int,
    output: Path | None,
    seed: int,
) -> None:
    """Read the Bach chorales of the installed music21, or other music, into one file."""
    from training.data import cuts
    from training.data import prepare as corpora

    if output and output.suffix != dataset.SUFFIX:
        raise GlissarError(f"{output} is no dataset's name; give one that ends in .npz.")
    if folk + bool(midi) + two_bars > 1:
        raise GlissarError("one file holds one corpus; give --folk, --midi or --two-bars.")
    if rows and two_bars:
        raise GlissarError("--rows is AR-VAE's protocol; GLSR-VAE's paper has none: leave it out.")
    if pairs and two_bars:
        raise GlissarError("--two-bars gives two bars by the notes' names; leave --pairs out.")
    if melodies and (pairs or two_bars):
        raise GlissarError("--melodies gives sixteen bars; leave --pairs and --two-bars out.")
    cut = cuts.MELODIES if melodies else cuts.PAIRS if pairs else cuts.BARS
    if midi:
        name, built = "midi", corpora.midi(midi, seed, _reading, rows, cut)
    elif folk:
        name, built = "folk", corpora.folk(seed, _reading, rows, cut)
    elif two_bars:
        name, built = "bach-two-bars", corpora.two_bars(seed, _reading, stride)
    else:
        name, built = "bach", corpora.bach(seed, _reading, rows, cut)
    output = output or Path(f"runs/data/{name}{cut.suffix}{'-rows' * rows}.npz")
    dataset.save(built, output)
    click.echo(f"{output}: {_counts(built.card)}")


def _reading(items: Iterable[Any], count: int) -> Iterable[Any]:
    from tqdm import tqdm

    return tqdm(items, "reading", count)


def _counts(card: dict[str, Any]) -> str:
    splits = card["splits"].items()
    parts = [
        f"{name} {len(split['works'])} works, {split['bars kept']} of {split['bars']} bars, "
        f"{split['windows in all keys']} windows"
        for name, split in splits
    ]
    damaged = len(card.get("files that could not be read", ()))
    told = f"; {damaged} files could not be read" if damaged else ""
    return "; ".join(parts) + told + "; left out: " + json.dumps(card["left out"])
