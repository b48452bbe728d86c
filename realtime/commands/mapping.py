"""`glissar presets map`: the planes that the panel shows, added to presets that are there."""

from __future__ import annotations

import click
import numpy as np

from presets import survey
from presets.preset import Preset, read_named


@click.command("map")
@click.argument("names", metavar="PRESET…", nargs=-1, required=True)
def command(names: tuple[str, ...]) -> None:
    """Add the map of each knob's plane to presets that lack it, or make it anew."""
    for name in names:
        for line in _map(read_named(name)):
            click.echo(line)


def _map(preset: Preset) -> list[str]:
    from realtime.model import Model  # onnxruntime takes its time

    model, noise = Model(preset), preset.manifest.noise
    mapped = survey.add(preset, lambda z: model.decode(z, np.zeros((len(z), *noise), np.float32)))
    planes = mapped.planes()
    head = f"{mapped.folder}: {len(planes)} planes, {len(mapped.files['map.npz'])} bytes"
    return [head] + [
        f"  {knob:8} {planes[knob].min():g} to {planes[knob].max():g}; "
        f"across, z[{axis.index}], which changes {axis.changes:.0%} of the steps"
        for knob, axis in mapped.manifest.free.items()
    ]
