"""`glissar play`: the instrument, live."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from presets.errors import GlissarError
from presets.folders import Glance, find, glance
from realtime import choices, settings_file, supervisor
from realtime.ports import link
from realtime.settings import Settings


@click.command("play")
@click.option("-p", "--preset", default=None, help="A shipped preset or a model folder.")
@click.option("-i", "--input", "inputs", multiple=True, help="MIDI input; several play as one.")
@click.option("-o", "--output", "midi_output", default=None, help="MIDI output, or part of it.")
@click.option("--controller", default=None, help="A port that has knobs alone.")
@click.option("--controller-out", default=None, help="Where values go back to: rings, motors.")
@click.option("-k", "--knob", "knobs", multiple=True, help="An offset at the start: density=+0.6.")
@click.option("-c", "--constrain", "constraints", multiple=True, help="As scale=major.")
@click.option("--mode", type=click.Choice(["follow", "freeze", "generate", "morph"]), default=None)
@click.option("--edit", type=click.Choice(["residual", "full"]), default=None)
@click.option("--variation", type=float, default=None, help="0: the most likely answer; up to 1.")
@click.option("--delay", type=int, default=None, help="Windows between playing and answering.")
@click.option("--clock", is_flag=True, default=None, help="Follow MIDI clock.")
@click.option("--link", "linked", is_flag=True, default=None, help="Join an Ableton Link session.")
@click.option("--clock-out", is_flag=True, default=None, help="Send MIDI clock.")
@click.option("--tempo", type=float, default=None, help="Quarter notes a minute.")
@click.option("--wait", is_flag=True, default=None, help="Do not roll until told to.")
@click.option("--count-in", type=int, default=None, help="Bars of clicks before the first.")
@click.option("--metronome/--no-metronome", default=None)
@click.option("--thru/--no-thru", default=None, help="Send dry notes to the output.")
@click.option("--osc-port", type=int, default=None)
@click.option("--echo-port", type=int, default=None)
@click.option("--web/--no-web", default=None, help="OSCQuery and the panel, or neither.")
@click.option("--web-port", type=int, default=None)
@click.option("--provider", type=click.Choice(["cpu", "cuda"]), default=None)
@click.option("--log", default=None, help="Write a performance log (.jsonl).")
@click.option("--settings", type=click.Path(path_type=Path), default=None, help="A TOML file.")
def command(settings: Path | None, wait: bool | None, **flags: Any) -> None:
    """Play live: MIDI in, the changed melody out one window later, knobs by OSC."""
    bound = choices.read(flags["constraints"])
    places = {
        "preset": flags["preset"],
        "mode": flags["mode"],
        "edit": flags["edit"],
        "variation": flags["variation"],
        "delay": flags["delay"],
        "provider": flags["provider"],
        "log": flags["log"],
        "midi.input": next(iter(flags["inputs"]), None),
        "midi.more_inputs": flags["inputs"][1:] or None,
        "midi.output": flags["midi_output"],
        "controller.input": flags["controller"],
        "controller.output": flags["controller_out"],
        "midi.thru": flags["thru"],
        "midi.clock_out": flags["clock_out"],
        "transport.source": _source(flags["clock"], flags["linked"]),
        "transport.tempo": flags["tempo"],
        "transport.start": False if wait else None,
        "transport.count_in": flags["count_in"],
        "transport.metronome": flags["metronome"],
        "osc.port": flags["osc_port"],
        "osc.echo_port": flags["echo_port"],
        "web.on": flags["web"],
        "web.port": flags["web_port"],
        **{f"knobs.{name}": number for name, number in map(offset, flags["knobs"])},
        **{f"constraints.{menu}": entry for menu, entry in bound.items()},
    }
    chosen = settings_file.load(settings, places)
    seen = check(chosen)
    if chosen.transport.source == "link":
        link.load()
    sys.exit(supervisor.run(chosen, seen.meter))


def check(chosen: Settings) -> Glance:
    """What the preset is that is to be played so. Raises GlissarError where it cannot be."""
    seen = glance(find(chosen.preset))
    choices.check(chosen.constraints, seen.menus, chosen.preset)
    for name, number in chosen.knobs.items():
        if name not in seen.knobs:
            have = ", ".join(seen.knobs)
            raise GlissarError(f"there is no knob {name}; {chosen.preset} has {have}.")
        if not -1 <= number <= 1:
            raise GlissarError(f"knob {name} starts between -1 and 1, not at {number:g}.")
    return seen


def _source(clock: bool | None, linked: bool | None) -> str | None:
    if clock and linked:
        raise GlissarError("only one keeps time: give --clock or --link.")
    return "clock" if clock else "link" if linked else None


def offset(text: str) -> tuple[str, float]:
    """--knob NAME=NUMBER. Raises GlissarError."""
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError as error:
        raise GlissarError(f"--knob {text} is not understood; write density=+0.6.") from error
