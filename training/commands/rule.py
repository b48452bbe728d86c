"""`glissar-train rule`: an actor that moves a preset's points to where a rule holds."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from presets.errors import GlissarError
from presets.preset import read_named
from training.commands import run
from training.commands.options import ANY, PATH, SEED

if TYPE_CHECKING:
    from training.constraints.fit import Fit, Seen


@click.command("rule")
@click.argument("typed", metavar="RULES...", nargs=-1, required=True)
@click.option("-p", "--preset", "name", default="bach", show_default=True, help="Whose space.")
@click.option("-o", "--output", required=True, type=PATH)
@click.option("--name", "called", help="What it is called; the first rule's name if left out.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="As `steps=500`.")
@click.option("--seed", default=0, type=SEED)
@click.option("--threads", default=0, type=ANY, help="CPU threads; 0 leaves torch's choice.")
def command(
    typed: tuple[str, ...],
    name: str,
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
    import torch

    from training.constraints import learn, record

    if threads:
        torch.set_num_threads(threads)
    fit, rules, preset = _fit(changes), learn.rules_of(typed), read_named(name)
    constraint = learn.constraint_of(called or next(iter(rules)).replace("_", "-"), rules)
    run.make(output)
    pair, figures = learn.learn(preset, constraint, list(rules.values()), fit, seed, _bar)
    source = constraint, preset.name, preset.manifest.files["decoder.onnx"], preset.manifest.z
    said = shlex.join(["glissar-train", *sys.argv[1:]])
    facts = record.Facts(*source, fit, seed, said, run.versions(), figures)
    record.write(output, facts, pair)
    for critic in facts.constraint.critics:
        before, after = (facts.figures[f"{when}/{critic} satisfied"] for when in ("prior", "moved"))
        click.echo(f"{critic}: {after:.1%} of draws do all that is asked, {before:.1%} unmoved")
    click.echo(f"{output}: play it after glissar-export {output} --into {name}")


def _fit(changes: Iterable[str]) -> Fit:
    from training import config
    from training.constraints.fit import Fit

    facts: dict[str, Any] = {}
    for change in changes:
        config.make_change(facts, change)
    try:
        return msgspec.convert(facts, Fit)
    except msgspec.ValidationError as error:
        raise GlissarError(f"--set {' '.join(changes)}: {error}; correct it.") from error


def _bar(steps: Iterable[Seen], count: int) -> Iterable[Seen]:
    from tqdm import tqdm

    return tqdm(steps, "learning", count, mininterval=2, leave=False)
