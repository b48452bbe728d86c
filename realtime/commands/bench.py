"""`glissar bench`: what an answer costs on this machine, and what waiting for one costs.

`glissar bench stage` is in `realtime.commands.stage`.
"""

from __future__ import annotations

import os
import platform

import click

from presets.preset import read_named
from realtime.bench import bench
from realtime.bench_live import bench_live
from realtime.commands.stage import stage
from realtime.model import load


@click.group("bench", invoke_without_command=True)
@click.option("-p", "--preset", default="bach", show_default=True)
@click.option("--rounds", type=click.IntRange(min=10), default=2000, show_default=True)
@click.option("--provider", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--live", is_flag=True, help="Launch `glissar play` instead: start, memory, idling.")
@click.option("--idle", type=click.FloatRange(min=1), default=10, help="Seconds to idle, --live.")
@click.pass_context
def command(
    ctx: click.Context, preset: str, rounds: int, provider: str, live: bool, idle: float
) -> None:
    """Time encode, edit, decode and the whole answer; p50, p99 and p99.9 in milliseconds."""
    if ctx.invoked_subcommand:
        return
    cpu = f"{platform.machine()}, {os.cpu_count()} cores, load {_load():.2f}"
    if live:
        cost = bench_live(preset, idle)
        click.echo(f"{preset} on {cpu}, all processes")
        click.echo(f"{'ready after':34} {cost.ready_s:8.2f} s")
        click.echo(f"{'resident memory':34} {cost.resident_mb:8.0f} MB")
        click.echo(f"{'idle, of one core':34} {cost.idle_percent:8.2f} %")
        return
    model = load(read_named(preset), provider, lambda sentence: click.echo(sentence, err=True))
    click.echo(f"{preset} on {cpu}, {model.provider}, one thread, {rounds} rounds; milliseconds")
    click.echo(f"{'':34} {'p50':>8} {'p99':>8} {'p99.9':>8}")
    for row in bench(model, rounds):
        click.echo(f"{row.name:34} {row.p50:8.3f} {row.p99:8.3f} {row.p999:8.3f}")


command.add_command(stage)


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
