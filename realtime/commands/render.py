"""`glissar render`: a MIDI file in, the changed file out, and a picture of both; or the way from
one file to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from presets.bar import Meter
from presets.errors import GlissarError
from presets.preset import read_named
from realtime import automation, choices, midifile, pianoroll, render_morph
from realtime.commands.log import to_midi
from realtime.midifile import Tune
from realtime.model import Model, load
from realtime.render import Rendered, melody_channel, render
from realtime.session import STRAIGHT

LOG_SUFFIX = ".jsonl"
STEPS, MOST = 16, 1000  # of a way: if none are given, and as many as make sense to look at


@click.command("render")
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option(
    "--morph",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="A B",
    help="In place of SOURCE: the way from the first window of A to that of B.",
)
@click.option(
    "--steps", type=click.IntRange(2, MOST), help=f"Windows of that way.  [default: {STEPS}]"
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="MIDI file to write."
)
@click.option(
    "-k",
    "--knob",
    "knobs",
    multiple=True,
    help="density=+0.6, range=p0.8, density==7, density=-1@1,+1@9.",
)
@click.option("-c", "--constrain", "constraints", multiple=True, help="As scale=major.")
@click.option("-p", "--preset", default=None, help="A shipped preset or a model folder.")
@click.option(
    "--edit", type=click.Choice(["residual", "full"]), default="residual", show_default=True
)
@click.option(
    "--variation", type=click.FloatRange(0, 1), default=0.0, help="0: the most likely answer."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of variations.")
@click.option("--svg", type=click.Path(path_type=Path), help="A picture of what is written.")
@click.option("--as", "meter", default=None, metavar="4/4", help="Read the file as in this meter.")
@click.option("--provider", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
def command(
    source: Path | None,
    morph: tuple[Path, Path] | None,
    steps: int | None,
    out: Path,
    knobs: tuple[str, ...],
    constraints: tuple[str, ...],
    preset: str | None,
    edit: str,
    variation: float,
    seed: int,
    svg: Path | None,
    meter: str | None,
    provider: str,
) -> None:
    """Change the melody of SOURCE, a MIDI file, by turning knobs; or go from one melody
    to another."""
    if morph:
        _check_morph(source, morph, knobs, varied=bool(variation or seed))
        _check_places(morph, out, svg)
        model = _model(preset or "bach", provider)
        _morph(morph, out, svg, steps or STEPS, model, knobs, constraints, edit, meter)
        return
    if source is None:
        raise GlissarError("there is nothing to render; give a MIDI file, or two with --morph A B.")
    if steps:
        raise GlissarError("--steps are those of a morph; leave them out, or give --morph A B.")
    _check_places((source,), out, svg)
    if source.suffix == LOG_SUFFIX:
        if knobs or constraints or svg or meter or variation or seed:
            raise GlissarError(
                "a log is played as it was: leave out --knob, --constrain, --svg, --as, "
                "--variation, --seed."
            )
        click.echo(to_midi(source, out, preset))
        return
    model = _model(preset or "bach", provider)
    automations = automation.parse_all(knobs, model.preset.manifest.knobs)
    tune = _tune(source, model, meter)
    rendered = render(tune, model, automations, edit, variation, seed, _choices(constraints, model))
    midifile.write(out, rendered.messages, tune)
    if svg:
        picture = pianoroll.before_and_after(rendered.played, rendered.heard, _meter(model))
        midifile.save(svg, picture.encode())
    click.echo(_summary(rendered, out))


def _morph(
    paths: tuple[Path, Path],
    out: Path,
    svg: Path | None,
    steps: int,
    model: Model,
    knobs: tuple[str, ...],
    constraints: tuple[str, ...],
    edit: str,
    meter: str | None,
) -> None:
    turned = {a.name: a.start for a in automation.parse_all(knobs, model.preset.manifest.knobs)}
    chosen, grid = _choices(constraints, model), model.preset.encoding.grid
    first, last = (_tune(path, model, meter) for path in paths)
    a, b = (
        render_morph.first_window(tune, grid, path)
        for tune, path in zip((first, last), paths, strict=True)
    )
    if not model.curved:
        click.echo(STRAIGHT.format(model.preset.manifest.name), err=True)
    channel = melody_channel(first)
    way = render_morph.render((a, b), model, steps, channel, turned, chosen, edit)
    midifile.write(out, way.messages, render_morph.song_of(first, grid.meter))
    if svg:
        places = render_morph.places(steps)
        picture = pianoroll.way(way.windows, places, grid.bars, grid.meter)
        midifile.save(svg, picture.encode())
    kinds = len(set(way.windows))
    click.echo(f"{out}: {steps} windows from {paths[0]} to {paths[1]}, {kinds} different ones")


def _check_morph(
    source: Path | None, ends: Sequence[Path], knobs: Sequence[str], *, varied: bool
) -> None:
    """Refuse what makes no sense between two files. Raises GlissarError."""
    if source is not None:
        raise GlissarError(f"--morph takes the place of a file to render; leave out {source}.")
    for path in ends:
        if path.suffix == LOG_SUFFIX:
            raise GlissarError(f"{path} is a log and --morph takes MIDI files; render it first.")
    for knob in knobs:
        if "@" in knob or "," in knob:
            raise GlissarError(f"--knob {knob} moves, as only the morph may; give it one number.")
    if varied:
        raise GlissarError(
            "a morph is of the likeliest windows, and its ends exact; leave out --variation, "
            "--seed."
        )


def _choices(texts: tuple[str, ...], model: Model) -> dict[str, str]:
    found, manifest = choices.read(texts), model.preset.manifest
    choices.check(found, {menu.name: menu.entries for menu in manifest.menus}, manifest.name)
    return found


def _check_places(sources: Sequence[Path], *places: Path | None) -> None:
    """Refuse now what could not be written at the end. Raises GlissarError."""
    wanted = [place for place in places if place]
    if len({place.resolve() for place in wanted}) < len(wanted):
        raise GlissarError(f"{wanted[0]} is to be both written and drawn; give --svg another name.")
    for place in wanted:
        if place.exists() and any(s.exists() and place.samefile(s) for s in sources):
            raise GlissarError(f"{place} is the file to read; give another name to write.")
        if not place.parent.is_dir():
            raise GlissarError(f"there is no folder {place.parent}; make it first or give another.")
        if place.is_dir():
            raise GlissarError(f"{place} is a folder; give the name of a file in it.")


def _model(name: str, provider: str) -> Model:
    return load(read_named(name), provider, lambda sentence: click.echo(sentence, err=True))


def _meter(model: Model) -> Meter:
    return model.preset.manifest.meter


def _tune(source: Path, model: Model, meter: str | None) -> Tune:
    return midifile.read_in(source, _meter(model), meter)


def _summary(rendered: Rendered, out: Path) -> str:
    played, heard = rendered.played, rendered.heard
    kept = len(set(played) & set(heard))
    return f"{out}: {len(played)} notes in, {len(heard)} out, {kept} of them untouched"
