"""`glissar ports`: which MIDI systems answer here, and what could be opened."""

from __future__ import annotations

import click

from presets.errors import GlissarError
from realtime.ports.systems import APIS, names


@click.command("ports")
def command() -> None:
    """List MIDI inputs and outputs; any part of a name that no other has will do for `play`."""
    for api in APIS.values():
        if not api.compiled:
            continue
        try:
            inputs, outputs = names(api)
        except GlissarError as error:
            click.echo(str(error))
            continue
        click.echo(f"{api.title} (midi.api = {api.name!r})")
        for title, found in (("inputs", inputs), ("outputs", outputs)):
            click.echo(f"  {title}: {'' if found else 'none'}")
            for name in found:
                click.echo(f"    {name}")
