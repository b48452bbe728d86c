"""`glissar-train constrained`: whether a preset's constraints do what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from presets.constraint import Constraint
from presets.encoding import Tokens
from presets.errors import GlissarError
from presets.preset import Preset, read_named
from presets.rules import RULES
from training.commands.options import ANY, MANY, PATH, SEED

if TYPE_CHECKING:
    from training.constraints.kept import Row

BARS = 16  # of the paper's melodies


@click.command("constrained")
@click.argument("name", metavar="PRESET")
@click.option("--ask", "asks", multiple=True, help="As key=C,scale=major; again for another row.")
@click.option("--data", type=PATH, help="Unseen windows of it are made to do so, too.")
@click.option("--figure", type=PATH, help="Draw some of it, as the paper's Fig. 6: .svg or .png.")
@click.option("--draws", default=2000, type=MANY, show_default=True)
@click.option("--seed", default=0, type=SEED)
@click.option("--threads", default=0, type=ANY, help="CPU threads; 0: torch's choice.")
def command(
    name: str,
    asks: tuple[str, ...],
    data: Path | None,
    figure: Path | None,
    draws: int,
    seed: int,
    threads: int,
) -> None:
    """Move draws from the prior of PRESET to where a rule holds, and say how often it then does.

    The last --ask says what every row is judged by. Without any: C major, then the most notes of
    the menu besides.
    """
    import torch

    from training.constraints import kept
    from training.figures import canvas

    if threads:
        torch.set_num_threads(threads)
    if figure:
        canvas.kind(figure)
    preset = read_named(name)
    constraint = _ruled(preset)
    windows = _unseen(preset, data, draws, seed) if data else None
    choices = [_read(text, constraint) for text in asks] or list(_usual(constraint))
    rows = kept.table(preset, constraint, choices, draws, seed)
    click.echo("\n".join(_table(rows, constraint, preset.encoding.grid.bars)))
    if figure:
        _draw(preset, constraint, choices, seed, figure)
    if windows is not None:
        click.echo("\n".join(_kinship(preset, constraint, choices[0], windows)))


def _ruled(preset: Preset) -> Constraint:
    """The first with a rule that windows can be asked. Raises GlissarError."""
    for constraint in preset.manifest.constraints:
        if constraint.rules():
            return constraint
    raise GlissarError(f"{preset.name} has no rules; add some with glissar-train rule.")


def _read(text: str, constraint: Constraint) -> dict[str, str]:
    """Raises GlissarError."""
    menus = {menu.name: menu.entries for menu in constraint.menus}
    asked: dict[str, str] = {}
    for part in text.split(","):
        menu, equals, entry = (word.strip() for word in part.partition("="))
        if not equals:
            raise GlissarError(f"{part} asks for nothing; write MENU=ENTRY, as in key=C.")
        if menu not in menus:
            raise GlissarError(f"there is no {menu} to ask for; there is {', '.join(menus)}.")
        if entry not in menus[menu] or menu in asked:
            raise GlissarError(f"{menu} is to be one of {', '.join(menus[menu])}, not {entry}.")
        asked[menu] = entry
    return asked


def _usual(constraint: Constraint) -> Iterator[dict[str, str]]:
    menus = {menu.name: menu for menu in constraint.menus}
    asked: dict[str, str] = {}
    if "scale" in menus:
        asked = {"key": "C", "scale": "major"}
        yield asked
    if "density" in menus:
        yield {**asked, "density": menus["density"].entries[-1]}


def _table(rows: Sequence[Row], constraint: Constraint, bars: int) -> Iterator[str]:
    rules = [critic for critic in constraint.critics if critic in RULES]
    heads = "".join(f"{rule:>10}{'all of it':>11}{f'{BARS} bars':>9}" for rule in rules)
    yield f"{'':34}{heads}{'z_MSE':>8}{'notes':>8}{'alone':>8}"
    for row in rows:
        asked = ", ".join(row.asked.values())
        cells = "".join(
            f"{mean:>10.3f}{whole:>11.1%}{whole ** (BARS / bars):>9.1%}"
            for mean, whole in zip(row.means, row.satisfied, strict=True)
        )
        tail = f"{row.z_mse:>8.3f}{row.notes.mean():>8.2f}{row.distinct:>8.1%}"
        yield f"{row.who:<9}{asked:<25}{cells}{tail}"
    yield (
        f"all of it: windows of {bars} bars that score 1; {BARS} bars: the chance that as many "
        "windows in a row do; alone: windows like no other"
    )


def _draw(
    preset: Preset, constraint: Constraint, asks: Sequence[dict[str, str]], seed: int, path: Path
) -> None:
    from training.figures import canvas, lc_melodies

    with canvas.look():
        canvas.save(lc_melodies.melodies(preset, constraint, asks, seed), path)


def _unseen(preset: Preset, data: Path, most: int, seed: int) -> Tokens:
    """At most so many windows. Raises GlissarError where they are of another kind."""
    import numpy as np

    from training.constraints import learn
    from training.data import dataset

    found = dataset.load(data)
    learn.check_kin(preset, found)
    windows = found.splits["test"].tokens
    return windows[np.random.default_rng(seed).permutation(len(windows))[:most]]


def _kinship(
    preset: Preset, constraint: Constraint, asked: dict[str, str], windows: Tokens
) -> Iterator[str]:
    from training.constraints import kin

    count, found = kin.kinship(preset, constraint, asked, windows)
    yield f"\n{count} of {len(windows)} unseen windows are not {', '.join(asked.values())}"
    if not found:
        return
    yield f"{'of those':34}{'held':>10}{'onset F1':>11}{'note F1':>9}"
    for each in found:
        yield f"{each.who:<34}{each.held:>10.1%}{each.onsets:>11.3f}{each.notes:>9.3f}"
