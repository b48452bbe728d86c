"""`glissar-train rule`: an actor that moves a preset's points to where a rule holds."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from presets.constraint import Constraint
from presets.errors import GlissarError
from presets.preset import Preset, read_named
from training.commands import run
from training.commands.options import ANY, PATH, SEED

if TYPE_CHECKING:
    from training.constraints.fit import Fit, Seen
    from training.constraints.learn import Learnt
    from training.constraints.space import Space


def options(command: Callable[..., None]) -> Callable[..., None]:
    """What everything takes that is learnt in the space of a preset."""
    for option in (
        click.option("--threads", default=0, type=ANY, help="CPU threads; 0: torch's choice."),
        click.option("--seed", default=0, type=SEED),
        click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="`steps=500`."),
        click.option("-o", "--output", required=True, type=PATH),
        click.option("-p", "--preset", "name", default="bach", show_default=True, help="Whose."),
    ):
        command = option(command)
    return command


@click.command("rule")
@click.argument("typed", metavar="RULES...", nargs=-1, required=True)
@click.option("--name", "called", help="What it is called; the first rule's name if left out.")
@click.option("--labels", type=PATH, help="DATA whose windows teach it, in place of decoding.")
@options
def command(
    typed: tuple[str, ...],
    name: str,
    labels: Path | None,
    output: Path,
    called: str | None,
    changes: tuple[str, ...],
    seed: int,
    threads: int,
) -> None:
    """Learn RULES in the space of a preset: `scale`, `density:6,8,10`, or a function of one's own
    from a window to a number from 0 to 1, as FILE.py:NAME. Several are asked for at once.

    `glissar-export OUTPUT --into PRESET` makes it playable.
    """
    from training.constraints import learn, of_preset

    fit, rules, preset = prepared(changes, threads), learn.rules_of(typed), read_named(name)
    constraint = learn.constraint_of(called or next(iter(rules)).replace("_", "-"), rules, preset)
    space = of_preset.space_of(preset) if labels is None else labelled(preset, labels, seed)
    run.make(output)
    learnt = learn.learn_rules(space, constraint, list(rules.values()), fit, seed, bar)
    figures = written(output, constraint, preset, fit, seed, learnt)
    for critic in constraint.critics:
        before, after = (figures[f"{when}/{critic} satisfied"] for when in ("prior", "moved"))
        click.echo(f"{critic}: {after:.1%} of draws do all that is asked, {before:.1%} unmoved")
    click.echo(f"{output}: play it after glissar-export {output} --into {name}")


def labelled(preset: Preset, data: Path, seed: int) -> Space:
    """The preset's space with the windows of data that were learnt. Raises GlissarError."""
    from training.constraints import learn
    from training.data import dataset

    [space] = learn.styles(preset, dataset.load(data), seed, ("train",))
    return space


def prepared(changes: Iterable[str], threads: int) -> Fit:
    """How to train; as many threads as asked for. Raises GlissarError."""
    import torch

    from training import config
    from training.constraints.fit import Fit

    if threads:
        torch.set_num_threads(threads)
    facts: dict[str, Any] = {}
    for change in changes:
        config.make_change(facts, change)
    try:
        return msgspec.convert(facts, Fit)
    except msgspec.ValidationError as error:
        raise GlissarError(f"--set {' '.join(changes)}: {error}; correct it.") from error


def written(
    output: Path, constraint: Constraint, preset: Preset, fit: Fit, seed: int, learnt: Learnt
) -> dict[str, float]:
    """Write the folder. Returns its figures."""
    from training.constraints import record
    from training.figures import canvas, lc_training

    pair, figures, history = learnt
    source = constraint, preset.name, preset.manifest.files["decoder.onnx"], preset.manifest.z
    said = shlex.join(["glissar-train", *sys.argv[1:]])
    facts = record.Facts(*source, fit, seed, said, run.versions(), figures, history)
    record.write(output, facts, pair)
    with canvas.look():
        canvas.save(lc_training.training(history), output / "figures" / "lc-11.svg")
    return figures


def bar(steps: Iterable[Seen], count: int) -> Iterable[Seen]:
    from tqdm import tqdm

    return tqdm(steps, "learning", count, mininterval=2, leave=False)
