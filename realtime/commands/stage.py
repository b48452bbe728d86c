"""`glissar bench stage`: what a stage asks for, on real JACK ports, beside others."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from realtime.stage import machine, measuring, report
from realtime.stage.scenario import SCENARIOS


@click.command("stage")
@click.argument("names", nargs=-1, type=click.Choice(list(SCENARIOS)), metavar="[SCENARIO]…")
@click.option(
    "--share",
    type=click.FloatRange(min=0.0, min_open=True),
    default=1.0,
    show_default=True,
    help="Of the length that is reported: less is quicker, and says less.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write a report (.md), with pictures beside it.",
)
def stage(names: tuple[str, ...], share: float, output: Path | None) -> None:
    """Measure scenarios on a JACK server of their own; all of them, if none is named."""
    signal.signal(signal.SIGTERM, _leave)
    chosen = names or tuple(SCENARIOS)
    command = " ".join(["glissar bench stage", *names, f"--share {share:g}"])
    facts = machine.facts()
    for what, value in facts:
        click.echo(f"{what:32} {value}")
    measured: list[tuple[str, str, report.Finding]] = []
    for name in chosen:
        scenario = SCENARIOS[name]
        finding = measuring.measure(scenario, share)
        measured.append((name, scenario.title, finding))
        click.echo(f"\n{scenario.title} ({name})")
        for line in (*report.table(finding), *finding.notes):
            click.echo(line)
        if output:  # as far as it has come: one of them may take hours
            report.write(output, command, facts, measured)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """By way of everything that has to be ended: a server, and who plays on it."""
    sys.exit(1)
