"""`glissar`: one command each for playing, rendering, and seeing what is there."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from presets.errors import GlissarError

COMMANDS = {  # each in realtime/commands/, with its one line of --help
    "render": "Change the melody of a MIDI file by turning knobs.",
    "play": "Play live: MIDI in, the changed melody out, knobs by OSC.",
    "top": "Show a glissar that plays: its transport, knobs and counters.",
    "listen": "Hear it without a DAW: play into FluidSynth, a MIDI file if you like.",
    "replay": "Play a performance's log anew, to the same messages.",
    "log": "Write a performance's log as MIDI.",
    "ports": "List MIDI systems and ports.",
    "cc": "List what your controllers turn.",
    "presets": "List, show, verify, pack and install presets.",
    "doctor": "Say what is missing here, and its remedy.",
    "addresses": "List every control address of a preset.",
    "device": "Write devices for Live, Max, Pure Data and Open Stage Control.",
    "init": "Write a commented settings file.",
    "bench": "Measure what an answer costs on this machine.",
}


class _Lazy(click.Group):
    """Commands are imported when they are asked for: `play` must not pay for numpy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return import_module(f"realtime.commands.{cmd_name}").command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="glissar")
def cli() -> None:
    """Play a bar, turn a named knob, hear the melody change by that much."""


def main() -> None:
    try:
        cli()
    except GlissarError as error:
        click.echo(f"glissar: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
