"""`glissar log to-midi`: a performance's log as MIDI, what was played beside what was heard."""

from __future__ import annotations

from pathlib import Path

import click

from realtime import midifile
from realtime.commands.replay import again, check_place
from realtime.midifile import Tune


@click.group("log")
def command() -> None:
    """What was logged by `glissar play --log`."""


@command.command("to-midi")
@click.argument("source", metavar="LOG", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="MIDI file.")
@click.option("-p", "--preset", default=None, help="Where the preset is now that was played.")
def write_midi(source: Path, out: Path, preset: str | None) -> None:
    """Write LOG as a MIDI file: tracks `played` and `heard`, and the tempos."""
    click.echo(to_midi(source, out, preset))


def to_midi(source: Path, out: Path, preset: str | None) -> str:
    """What was written, in words. Raises GlissarError."""
    check_place(source, out)
    done, meter = again(source, preset, to_the_end=True)
    song = Tune((), tuple(done.tempos), ((0, meter),))
    midifile.write_tracks(out, {"played": done.played, "heard": done.heard}, song)
    return (
        f"{out}: {len(done.played)} messages played and {len(done.heard)} heard, from {source}, "
        f"{done.otherwise} decisions made otherwise"
    )
