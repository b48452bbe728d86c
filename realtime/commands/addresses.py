"""`glissar addresses`: every address of a preset, to read or to print."""

from __future__ import annotations

import click

from presets.preset import read_named
from realtime import addresses, controls
from realtime.settings import Settings


@click.command("addresses")
@click.option(
    *("-p", "--preset"),
    default=Settings().preset,
    show_default=True,
    help="A preset's name, or a model folder.",
)
@click.option("--markdown", is_flag=True, help="As realtime/ADDRESSES.md has it.")
def command(preset: str, markdown: bool) -> None:
    """Show every control address of a preset: what it takes, its range, and what it means."""
    facts = read_named(preset).manifest
    found = controls.of(facts)
    if markdown:
        click.echo(addresses.markdown(facts.name, found), nl=False)
        return
    shown = [addresses.HEAD, *addresses.rows(found)]
    widths = [max(len(row[column]) for row in shown) for column in (0, 1, 2, 3)]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        click.echo(f"{'  '.join(cells)}  {row[-1]}".rstrip())
