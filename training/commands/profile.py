"""`glissar-train profile`: how fast a config trains here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from training.commands.options import ANY, PATH


@click.command("profile")
@click.argument("config", type=PATH)
@click.option("--steps", default=32, type=int, help="How many are timed.")
@click.option("--accelerator", default="auto", help="These four are those of `run`.")
@click.option("--devices", default="1")
@click.option("--strategy", default="auto")
@click.option("--threads", default=0, type=ANY)
def command(config: Path, steps: int, threads: int, **fabric: Any) -> None:
    """Time some training steps of CONFIG; print windows a second, and what the time went into."""
    from training import config as configs
    from training import engine as engines
    from training import fitting
    from training import profile as profiling

    chosen = configs.read(config)
    data = fitting.to_learn(chosen)
    engine = engines.start(chosen.precision, threads, **fabric)
    found = profiling.profile(chosen, data, engine, steps)
    for line in profiling.lines(found, chosen) if engine.is_global_zero else ():
        click.echo(line)
