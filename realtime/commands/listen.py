"""`glissar listen`: the instrument with a synthesizer, and somebody who plays, for a first try."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from pathlib import Path

import click
from msgspec.structs import replace

from presets.errors import GlissarError
from presets.folders import Glance
from realtime import choices, feed, midifile, settings_file, supervisor, synth
from realtime.commands import play
from realtime.feed import Feed, Score
from realtime.ports.plug import open_virtual
from realtime.ports.systems import Api, Client, candidates, open_clients, quiet
from realtime.settings import Settings

PLAYED, ANSWERED = 0, 11  # General MIDI's piano and vibraphone: one can tell them apart
CLIENT = "midi-file"  # one that begins with glissar would be taken for our own output


@click.command("listen")
@click.option(
    "--midi-file", type=click.Path(path_type=Path), help="Play this; ends with its last answer."
)
@click.option("-i", "--input", "midi_input", default=None, help="Play with this MIDI keyboard.")
@click.option("-p", "--preset", default=None, help="A preset's name, or a model folder.")
@click.option("-k", "--knob", "knobs", multiple=True, help="An offset at the start: density=+0.6.")
@click.option("-c", "--constrain", "constraints", multiple=True, help="As scale=major.")
@click.option("--as", "meter", default=None, metavar="4/4", help="Read the file as in this meter.")
@click.option("--tempo", type=float, default=None, help="Quarter notes a minute, without a file.")
@click.option("--sound-font", type=click.Path(path_type=Path), help="An .sf2 or .sf3 file.")
@click.option("--audio", default=None, help="FluidSynth's audio driver: pulseaudio, alsa, jack …")
@click.option("--osc-port", type=int, default=None)
@click.option("--echo-port", type=int, default=None)
def command(
    midi_file: Path | None,
    midi_input: str | None,
    preset: str | None,
    knobs: tuple[str, ...],
    constraints: tuple[str, ...],
    meter: str | None,
    tempo: float | None,
    sound_font: Path | None,
    audio: str | None,
    osc_port: int | None,
    echo_port: int | None,
) -> None:
    """Hear glissar without a DAW: FluidSynth sounds what a MIDI file or a keyboard plays, and the
    answers; where nobody plays, melodies drawn from the model. Ctrl-C ends."""
    if midi_file and (midi_input or tempo):
        raise GlissarError("a MIDI file plays alone, at its own tempo; leave --input and --tempo.")
    places = {
        "preset": preset,
        "midi.input": midi_input,
        "transport.tempo": tempo,
        "osc.port": osc_port,
        "osc.echo_port": echo_port,
        **{f"knobs.{name}": number for name, number in map(play.offset, knobs)},
        **{f"constraints.{menu}": entry for menu, entry in choices.read(constraints).items()},
    }
    chosen = settings_file.load(None, places)
    seen = play.check(chosen)
    score: Score = ()
    if midi_file:
        chosen, score = _with_file(chosen, seen, midi_file, meter)
    elif not chosen.midi.input:
        transport = replace(chosen.transport, source="internal", start=True)
        chosen = replace(chosen, mode="generate", transport=transport)
    synth.program()
    sys.exit(_listen(chosen, seen, score, synth.sound_font(sound_font), audio))


def _with_file(
    chosen: Settings, seen: Glance, file: Path, meter: str | None
) -> tuple[Settings, Score]:
    tune = midifile.read_in(file, seen.meter, meter)
    transport = replace(chosen.transport, source="clock", tempo=feed.tempo(tune))
    score = feed.score(tune, seen.bars * seen.meter.bar_ticks, chosen.delay)
    return replace(chosen, transport=transport), score


def _listen(chosen: Settings, seen: Glance, score: Score, font: Path, audio: str | None) -> int:
    """Until Ctrl-C, or the score's end; the exit code."""
    midi = chosen.midi
    instruments = ((midi.thru_channel - 1, PLAYED), (midi.answer_channel - 1, ANSWERED))
    with _ends(midi.api) as (api, source, sink):
        drivers = synth.drivers(api.name, audio)
        with synth.running(font, drivers, sink.get_ports, instruments) as output:
            click.echo(f"glissar: FluidSynth is there, with {font.name}.", err=True)
            midi = replace(midi, api=api.name, output=output)
            if not score:
                return supervisor.run(replace(chosen, midi=midi), seen.meter)
            name = open_virtual(sink, "notes", CLIENT, "output", source)
            midi = replace(midi, input=name, more_inputs=(), input_channel=0)
            return _perform(replace(chosen, midi=midi), seen, Feed(sink.send_message, score))


def _perform(chosen: Settings, seen: Glance, playing: Feed) -> int:
    try:
        return supervisor.run(chosen, seen.meter, playing.start)
    finally:
        playing.close()


@contextlib.contextmanager
def _ends(wanted: str) -> Generator[tuple[Api, Client, Client]]:
    """Clients of the first MIDI system that answers, in and out. Raises GlissarError."""
    failures: list[str] = []
    for api in candidates(wanted):
        try:
            source, sink = open_clients(api, f"{CLIENT}-watch", CLIENT)
        except GlissarError as error:
            failures.append(str(error))
            continue
        try:
            yield api, source, sink
        finally:
            with quiet():
                source.delete()
                sink.delete()
        return
    raise GlissarError(f"No MIDI: {' '.join(failures)}")
