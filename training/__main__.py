"""`glissar-train`: prepare a corpus, train a model, say honestly how good it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from presets.errors import GlissarError, missing
from training import dataset

if TYPE_CHECKING:
    from training.config import AnyRun
    from training.dataset import Dataset
    from training.loop import Watch

SEED = click.IntRange(0, 2**32 - 1)
ANY, MANY = click.IntRange(0), click.IntRange(1)
FEW = 1500  # steps; the shipped presets had 3,000 and more


@click.group()
def cli() -> None:
    """Train the models that glissar plays."""


@cli.command()
@click.option("--folk", is_flag=True, help="O'Neill, Ryan and Aird in place of Bach.")
@click.option("--midi", type=click.Path(path_type=Path), help="A folder of MIDI files instead.")
@click.option("--two-bars", is_flag=True, help="Bach by the notes' names, two bars at a time.")
@click.option("--pairs", is_flag=True, help="Two bars at a time, each with the one after it.")
@click.option("--rows", is_flag=True, help="Split rows as the papers do: kinder, to compare.")
@click.option(
    "--stride",
    default=4,
    type=click.IntRange(1, 32),
    help="Sixteenths from one such window to the next; the paper's is 1.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="runs/data/ and the corpus's name."
)
@click.option("--seed", default=0, type=SEED, help="Draws the works that are held out.")
def prepare(
    folk: bool,
    midi: Path | None,
    two_bars: bool,
    pairs: bool,
    rows: bool,
    stride: int,
    output: Path | None,
    seed: int,
) -> None:
    """Read the Bach chorales of the installed music21, or other music, into one file."""
    from training import prepare as corpora

    if output and output.suffix != dataset.SUFFIX:
        raise GlissarError(f"{output} is no dataset's name; give one that ends in .npz.")
    if folk + bool(midi) + two_bars > 1:
        raise GlissarError("one file holds one corpus; give --folk, --midi or --two-bars.")
    if rows and two_bars:
        raise GlissarError("--rows is AR-VAE's protocol; GLSR-VAE's paper has none: leave it out.")
    if pairs and two_bars:
        raise GlissarError("--two-bars gives two bars by the notes' names; leave --pairs out.")
    if midi:
        name, built = "midi", corpora.midi(midi, seed, _reading, rows, pairs)
    elif folk:
        name, built = "folk", corpora.folk(seed, _reading, rows, pairs)
    elif two_bars:
        name, built = "bach-two-bars", corpora.two_bars(seed, _reading, stride)
    else:
        name, built = "bach", corpora.bach(seed, _reading, rows, pairs)
    output = output or Path(f"runs/data/{name}{'-2' * pairs}{'-rows' * rows}.npz")
    dataset.save(built, output)
    click.echo(f"{output}: {_counts(built.card)}")


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change a value of CONFIG."
)
@click.option("--accelerator", default="auto", help="cpu, cuda, mps …")
@click.option("--devices", default="1", help="How many devices on this machine; auto is all.")
@click.option("--nodes", default=1, type=MANY, help="How many machines.")
@click.option(
    "--strategy", default="auto", help="As Lightning Fabric names it: ddp for several devices."
)
@click.option("--threads", default=0, type=ANY, help="CPU threads; 0 leaves torch's choice.")
def run(config: Path, output: Path, changes: tuple[str, ...], threads: int, **fabric: Any) -> None:
    """Train what CONFIG (a TOML file) describes into the folder OUTPUT, or go on with it there."""
    from training import config as configs

    typed = ["glissar-train run", str(config), *(f"--set {c}" for c in changes), f"-o {output}"]
    _train(configs.read(config, changes), " ".join(typed), output, threads, **fabric)


def _train(chosen: AnyRun, command: str, output: Path, threads: int = 0, **fabric: Any) -> None:
    from training import engine as engines  # torch takes seconds, and every process that …
    from training import loop  # … `prepare` starts imports this module

    data = dataset.load(Path(chosen.data))
    _make(output)
    _few_steps(chosen, data)
    about = {
        "config": msgspec.to_builtins(chosen),
        "seed": chosen.seed,
        "command": command,
        "data": data.card,
        "versions": {"python": sys.version.split()[0]}
        | {name: version(name) for name in ("torch", "lightning-fabric", "numpy")},
    }
    engine = engines.start(chosen.precision, threads, **fabric)
    quiet = not engine.is_global_zero  # one process of many speaks
    progress = loop.train(chosen, data, output, about, engine, _bar(chosen.epochs, quiet))
    if not quiet:
        click.echo(f"{output}: {progress.epoch} epochs; how good it is: glissar-train evaluate")


def _make(folder: Path) -> None:
    """Before hours of training, and not after them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GlissarError(
            f"{folder} cannot be a run's folder ({error.strerror}); give another."
        ) from error


def _few_steps(chosen: AnyRun, data: Dataset) -> None:
    """Say that little will be learnt, where that is so."""
    windows = len(data.splits["train"])
    steps = chosen.epochs * (windows // chosen.batch)
    if steps < FEW:
        click.echo(
            f"{windows} windows in {chosen.epochs} epochs are {steps} steps, and models need some "
            f"thousands: with --set epochs={-(-2 * FEW * chosen.epochs // max(1, steps))} they "
            "get them.",
            err=True,
        )


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="If not where the run found it.")
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
def evaluate(run: Path, data: Path | None, figures: bool, **how: Any) -> None:
    """Measure the run in folder RUN on unseen bars; print the figures, write its card, draw."""
    from training import figures as papers

    _measure(run, data, **how)
    if figures and how["split"] == "test":
        for path in papers.of_run(run, papers.opened(run, data)):
            click.echo(str(path))


def _measure(
    run: Path, data: Path | None, split: str, sample: int, seed: int, asked: int = 0
) -> dict[str, Any]:
    from training import checkpoint, report  # torch and scikit-learn take seconds to import
    from training.evaluate import evaluate as measured

    trained = checkpoint.load(run)
    found = dataset.load(data or Path(trained.config["data"]))
    card = measured(trained, found, split, sample, seed, asked)
    told = "\n".join(report.lines(card)) + "\n"
    if split == "test":
        checkpoint.write_card(run, card, told)
    click.echo(told, nl=False)
    return card


@cli.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
def compare(runs: tuple[Path, ...]) -> None:
    """Put the cards of RUNS side by side: mean and spread over seeds, and the papers' figures."""
    from training import checkpoint
    from training import compare as side_by_side

    for line in side_by_side.lines({run.resolve().name: checkpoint.load(run) for run in runs}):
        click.echo(line)


@cli.command()
@click.argument("card", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--threads", default=0, type=ANY, help="CPU threads; 0 leaves torch's choice.")
def again(card: Path, output: Path, threads: int) -> None:
    """Make again into OUTPUT what CARD describes: a run's card.json or folder, a preset's folder.

    The data are prepared, the model is trained and measured; then both cards stand side by side.
    """
    from training import again as described

    before = described.read(card)
    data = output / "data.npz"
    if not data.is_file():
        cli.main([*before.prepare, "-o", str(data)], standalone_mode=False)
    for difference in described.differences(before.data, dataset.load(data).card):
        click.echo(f"other than in {card}: {difference}", err=True)
    command = f"glissar-train again {card} -o {output}"
    _train(described.moved(before.config, data), command, output, threads)
    found = _measure(output, None, "test", before.sample, before.seed)
    for line in described.beside(before.figures, found["figures"]):
        click.echo(line)


@cli.command()
@click.argument("name")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="If not where the runs found it.")
def figure(name: str, runs: tuple[Path, ...], output: Path, data: Path | None) -> None:
    """Draw a paper's figure NAME from the runs in the folders RUNS into OUTPUT, .svg or .png."""
    from training import figures

    figures.draw(name, runs, output, data)
    click.echo(str(output))


@cli.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--seed", default=0, type=SEED, help="Draws the bars.")
def listen(runs: tuple[Path, ...], output: Path, seed: int) -> None:
    """Write a page to listen to the knobs of the runs in the folders RUNS, into folder OUTPUT."""
    from training import listening
    from training.figures import measured

    click.echo(str(listening.write([measured.opened(run) for run in runs], output, seed)))


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--steps", default=32, type=MANY, help="How many are timed.")
@click.option("--accelerator", default="auto", help="These four are those of `run`.")
@click.option("--devices", default="1")
@click.option("--strategy", default="auto")
@click.option("--threads", default=0, type=ANY)
def profile(config: Path, steps: int, threads: int, **fabric: Any) -> None:
    """Time some training steps of CONFIG; print windows a second, and what the time went into."""
    from training import config as configs
    from training import engine as engines
    from training import profile as profiling

    chosen = configs.read(config)
    data = dataset.load(Path(chosen.data))
    engine = engines.start(chosen.precision, threads, **fabric)
    found = profiling.profile(chosen, data, engine, steps)
    for line in profiling.lines(found, chosen) if engine.is_global_zero else ():
        click.echo(line)


def _reading(items: Iterable[Any], count: int) -> Iterable[Any]:
    from tqdm import tqdm

    return tqdm(items, "reading", count)


def _bar(epochs: int, quiet: bool) -> Watch:
    """One bar an epoch, with the time left in it."""
    from tqdm import tqdm

    def watch(batches: Iterable[Any], count: int, epoch: int) -> Iterable[Any]:
        named = f"epoch {epoch + 1}/{epochs}"
        return tqdm(batches, named, count, mininterval=2, leave=False, disable=quiet)

    return watch


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


def main() -> None:
    try:
        cli()
    except GlissarError as error:
        click.echo(f"glissar-train: {error}", err=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        click.echo(f"glissar-train: {missing(error.name)}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
