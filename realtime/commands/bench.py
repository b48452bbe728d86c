"""`glissar bench`: what an answer costs on this machine."""

from __future__ import annotations

import os
import platform

import click

from presets.preset import read_named
from realtime.bench import bench
from realtime.model import load


@click.command("bench")
@click.option("-p", "--preset", default="bach-bar", show_default=True)
@click.option("--rounds", type=click.IntRange(min=10), default=2000, show_default=True)
@click.option("--provider", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
def command(preset: str, rounds: int, provider: str) -> None:
    """Time encode, edit, decode and the whole answer; p50, p99 and p99.9 in milliseconds."""
    model = load(read_named(preset), provider, lambda sentence: click.echo(sentence, err=True))
    load1, *_ = os.getloadavg() if hasattr(os, "getloadavg") else (float("nan"),)
    click.echo(
        f"{preset} on {platform.machine()}, {os.cpu_count()} cores, load {load1:.2f}, "
        f"{model.provider}, one thread, {rounds} rounds; milliseconds"
    )
    click.echo(f"{'':34} {'p50':>8} {'p99':>8} {'p99.9':>8}")
    for row in bench(model, rounds):
        click.echo(f"{row.name:34} {row.p50:8.3f} {row.p99:8.3f} {row.p999:8.3f}")
