"""`glissar-train`: prepare a corpus, train a model, say honestly how good it is."""

from __future__ import annotations

import sys

import click

from presets.errors import GlissarError, missing
from training.commands import (
    again,
    compare,
    constrained,
    evaluate,
    figure,
    geodesics,
    listen,
    morph,
    prepare,
    profile,
    realism,
    rule,
    run,
)

COMMANDS = (
    prepare,
    run,
    evaluate,
    compare,
    again,
    figure,
    listen,
    profile,
    rule,
    realism,
    constrained,
    morph,
    geodesics,
)


@click.group()
def cli() -> None:
    """Train the models that glissar plays."""


for each in COMMANDS:
    cli.add_command(each.command)


def main() -> None:
    try:
        cli()
    except GlissarError as error:
        click.echo(f"glissar-train: {error}", err=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        click.echo(f"glissar-train: {missing(error.name)}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
