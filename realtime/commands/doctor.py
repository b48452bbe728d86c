"""`glissar doctor`: what works here, what does not, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from realtime import checkup, settings_file
from realtime.checkup import Line


@click.command("doctor")
@click.option("-p", "--preset", default=None, help="The preset to load.")
@click.option("--provider", type=click.Choice(["cpu", "cuda"]), default=None)
@click.option("--latency", is_flag=True, help="Measure the MIDI round trip (about ten seconds).")
@click.option("-i", "--input", "midi_input", default=None, help="The input, with --latency.")
@click.option("-o", "--output", "midi_output", default=None, help="The output, with --latency.")
@click.option("--settings", type=click.Path(path_type=Path), default=None, help="A TOML file.")
def command(
    preset: str | None,
    provider: str | None,
    latency: bool,
    midi_input: str | None,
    midi_output: str | None,
    settings: Path | None,
) -> None:
    """Check MIDI, OSC, Link, the model and real-time priority; --latency measures the driver."""
    flags = {
        "preset": preset,
        "provider": provider,
        "midi.input": midi_input,
        "midi.output": midi_output,
    }
    chosen = settings_file.load(settings, flags)
    _show(checkup.midi(chosen.midi))
    _show(checkup.osc(chosen.osc))
    _show(checkup.link(chosen.transport))
    _show(checkup.web(chosen))
    _show(checkup.inference(chosen.preset, chosen.provider))
    if latency:
        _show(checkup.latency(chosen.midi))
    _show(checkup.real_time())


def _show(lines: Iterable[Line]) -> None:
    for line in lines:
        click.echo(f"{'ok     ' if line.ok else 'warning'}  {line.sentence}")
