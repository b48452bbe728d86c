"""`glissar-train run`: train what a config describes, or go on with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from presets.errors import GlissarError
from training.commands.options import ANY, MANY, PATH

if TYPE_CHECKING:
    from training.config import AnyRun
    from training.data.dataset import Dataset
    from training.loop import Watch

FEW = 1500  # steps; the shipped presets had 3,000 and more


@click.command("run")
@click.argument("config", type=PATH)
@click.option("-o", "--output", required=True, type=PATH)
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
def command(
    config: Path, output: Path, changes: tuple[str, ...], threads: int, **fabric: Any
) -> None:
    """Train what CONFIG (a TOML file) describes into the folder OUTPUT, or go on with it there."""
    from training import config as configs

    typed = ["glissar-train run", str(config), *(f"--set {c}" for c in changes), f"-o {output}"]
    train(configs.read(config, changes), " ".join(typed), output, threads, **fabric)


def train(chosen: AnyRun, typed: str, output: Path, threads: int = 0, **fabric: Any) -> None:
    """Train into OUTPUT; `typed` is the command that says so. Raises GlissarError."""
    from training import engine as engines  # torch takes seconds, and every process that …
    from training import fitting, loop  # … `prepare` starts imports this module

    data = fitting.to_learn(chosen)
    make(output)
    _few_steps(chosen, data)
    about = {
        "config": msgspec.to_builtins(chosen),
        "seed": chosen.seed,
        "command": typed,
        "data": data.card,
        "versions": versions(),
    }
    engine = engines.start(chosen.precision, threads, **fabric)
    quiet = not engine.is_global_zero  # one process of many speaks
    progress = loop.train(chosen, data, output, about, engine, _bar(chosen.epochs, quiet))
    if not quiet:
        click.echo(f"{output}: {progress.epoch} epochs; how good it is: glissar-train evaluate")


def versions() -> dict[str, str]:
    """Of what trains."""
    names = ("torch", "lightning-fabric", "numpy")
    return {"python": sys.version.split()[0], **{name: version(name) for name in names}}


def make(folder: Path) -> None:
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


def _bar(epochs: int, quiet: bool) -> Watch:
    """One bar an epoch, with the time left in it."""
    from tqdm import tqdm

    def watch(batches: Iterable[Any], count: int, epoch: int) -> Iterable[Any]:
        named = f"epoch {epoch + 1}/{epochs}"
        return tqdm(batches, named, count, mininterval=2, leave=False, disable=quiet)

    return watch
