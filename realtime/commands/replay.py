"""`glissar replay`: a performance's log played anew, to the same messages."""

from __future__ import annotations

import functools
from pathlib import Path

import click
import msgspec

from presets.bar import Meter
from presets.errors import GlissarError
from presets.preset import read_named
from realtime import midifile
from realtime.log import read
from realtime.model import Model, load
from realtime.replay import Replay, replay


@click.command("replay")
@click.argument("source", metavar="LOG", type=click.Path(path_type=Path))
@click.option("-p", "--preset", default=None, help="Where the preset is now that was played.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The messages, a line of JSON each."
)
def command(source: Path, preset: str | None, out: Path | None) -> None:
    """Play LOG anew, as fast as it goes: the same events and decisions, and so the same answers."""
    if out:
        check_place(source, out)
    done, _ = again(source, preset)
    if out:
        lines = b"".join(
            msgspec.json.encode({"tick": tick, "message": data.hex()}) + b"\n"
            for tick, data in done.heard
        )
        midifile.save(out, lines)
    click.echo(
        f"{source}: {done.told} events, {done.decisions} decisions, {done.otherwise} of them made "
        f"otherwise here, {len(done.heard)} messages on the answers' channel"
    )


def again(source: Path, preset: str | None, *, to_the_end: bool = False) -> tuple[Replay, Meter]:
    """A log replayed with its preset, and the preset's meter. Raises GlissarError."""
    takes = read(source)
    settings = takes[0].header.settings
    first = takes[0].header.state.preset or settings.preset
    moved = {first: preset or first}  # --preset says where the one is now that was played first

    @functools.cache
    def find(name: str) -> Model:
        found = read_named(moved.get(name, name))
        return load(found, settings.provider, lambda sentence: click.echo(sentence, err=True))

    done = replay(takes, find, to_the_end=to_the_end)
    if done.lost:
        click.echo(
            f"glissar: {source} lacks {done.lost} lines for which there was no room, so that what "
            "follows them may not be what was heard.",
            err=True,
        )
    return done, find(first).preset.manifest.meter


def check_place(source: Path, out: Path) -> None:
    """Refuse to write over the log. Raises GlissarError."""
    if out.exists() and source.exists() and out.samefile(source):
        raise GlissarError(f"{out} is the file to read; give another name to write.")
    if out.is_dir():
        raise GlissarError(f"{out} is a folder; give the name of a file in it.")
