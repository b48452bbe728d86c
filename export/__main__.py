"""`glissar-export`: a trained run becomes a preset that agrees with it, or nothing is written."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from presets.errors import GlissarError, missing
from presets.folders import has_namesake
from presets.preset import read_named

FOLDER = click.Path(path_type=Path)
DULL = 0.5  # of struck notes that come back


class PresetByDefault(click.Group):
    """`glissar-export RUN …` is `glissar-export preset RUN …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["preset", *args]
        return super().parse_args(ctx, args)


@click.group(cls=PresetByDefault)
def cli() -> None:
    """Make presets of trained models: glissar-export RUN -o FOLDER."""


@cli.command()
@click.argument("run", type=FOLDER)
@click.option("-o", "--output", type=FOLDER, help="The preset's folder, and name.")
@click.option("--into", type=FOLDER, help="The preset that a rule's run is to join.")
@click.option("--data", type=FOLDER, help="The dataset, if not where the run found it.")
@click.option("--plays", default="", help="What it plays, in one sentence.")
def preset(
    run: Path, output: Path | None, into: Path | None, data: Path | None, plays: str
) -> None:
    """Export the run in folder RUN (the default command: its name can be left out).

    -o makes a preset of a model; --into adds what glissar-train rule learnt to the preset that it
    was learnt of.
    """
    if (output is None) == (into is None):
        raise GlissarError("give either -o FOLDER, for a model, or --into PRESET, for a rule.")
    if into is not None:
        _join(run, str(into))
    elif output is not None:
        _export(run, output, data, plays)


def _join(run: Path, name: str) -> None:
    from export import constraints  # torch takes seconds to import

    made = constraints.into(run, read_named(name))
    constraint = made.manifest.constraints[-1]
    menus = ", ".join(menu.name for menu in constraint.menus) or constraint.name
    sizes = sum(len(made.files[path]) for path in constraint.files) / 1e6
    click.echo(f"{made.folder}: {menus}; agrees with torch; {sizes:.1f} MB more")


def _export(run: Path, output: Path, data: Path | None, plays: str) -> None:
    from export.package import export  # torch takes seconds to import
    from training import checkpoint, fitting

    trained = checkpoint.load(run)
    source = fitting.learnt(trained, data)
    command = shlex.join(["glissar-export", *sys.argv[1:]])
    made = export(trained, source, output, plays, command)
    sizes = ", ".join(f"{path} {len(content) / 1e6:.1f} MB" for path, content in made.files.items())
    click.echo(f"{output}: agrees with torch; {sizes}")
    _tell_namesake(output)
    if not trained.card:
        click.echo(f"it has no card yet: run glissar-train evaluate {run}, then export it again.")
    elif (back := trained.card["figures"]["onsets"]["value"]) < DULL:
        click.echo(
            f"of the notes that it is played {back:.0%} come back, so that its knobs will move "
            "little; train it longer, on more music.",
            err=True,
        )


def _tell_namesake(folder: Path) -> None:
    """A performer who types the name would hear the wrong one of two, wherever that is typed."""
    name, place = folder.name, folder.resolve()
    if has_namesake(folder):
        click.echo(
            f"glissar ships a preset {name}, too: -p {name} means yours in {place.parent}, and "
            f"glissar's anywhere else; say -p {place}, or export it under another name.",
            err=True,
        )


@cli.command()
@click.argument("name", metavar="PRESET")
@click.option(
    "--run",
    required=True,
    type=FOLDER,
    help="Its run, or another of the same windows.",
)
@click.option("--calls", default=4000, type=click.IntRange(20), help="Timed calls each.")
def bench(name: str, run: Path, calls: int) -> None:
    """Time PRESET against the torch model of a run, on one thread."""
    from export import bench as timing
    from training import checkpoint

    rows = timing.compare(read_named(name), checkpoint.load(run).model, calls)
    click.echo(f"{timing.machine()}; one thread, {calls} calls each, milliseconds")
    ours = rows[0]
    click.echo(f"{'encode and decode one window':44}{'p50':>8}{'p99':>8}{'p99.9':>8}{'× p50':>8}")
    for row in rows:
        figures = f"{row.p50:8.3f}{row.p99:8.3f}{row.p999:8.3f}{row.p50 / ours.p50:8.2f}"
        click.echo(f"{row.name:44}{figures}")


def main() -> None:
    try:
        cli()
    except GlissarError as error:
        click.echo(f"glissar-export: {error}", err=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        click.echo(f"glissar-export: {missing(error.name)}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
