"""A measurement as a table for the terminal, and as Markdown with a picture for each scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from realtime.stage.curves import curves
from realtime.stage.scenario import Figure, Finding

Measured = Sequence[tuple[str, str, Finding]]  # name, title, what was found
MARKS = {True: "reached", False: "missed", None: ""}
HEAD = "what", "value", "unit", "must", ""


def table(finding: Finding) -> Iterator[str]:
    """Lines of a column each."""
    rows = [HEAD, *(cells(figure) for figure in finding.figures)]
    width = max(len(row[0]) for row in rows)
    for what, value, unit, must, mark in rows:
        yield f"{what:{width}} {value:>9} {unit:3} {must:>8} {mark}".rstrip()


def cells(figure: Figure) -> tuple[str, str, str, str, str]:
    """What, value, unit, must, reached or not."""
    must = ""
    if figure.must is not None:
        must = f"{'≥' if figure.at_least else '≤'} {figure.must:.3g}"
    return figure.what, _number(figure.value), figure.unit, must, MARKS[figure.met]


def write(path: Path, command: str, facts: Sequence[tuple[str, str]], measured: Measured) -> None:
    """The report to `path`, and its pictures beside it: `report.md` has `report-thru.svg`."""
    lines = ["# On stage, measured", "", *_rows(("", ""), facts), "", f"`{command}`"]
    for name, title, finding in measured:
        lines += ["", f"## {title}", ""]
        if finding.figures:
            lines += _rows(HEAD, [cells(figure) for figure in finding.figures])
        if any(finding.samples.values()):
            picture = path.with_name(f"{path.stem}-{name}.svg")
            picture.write_text(curves(finding.samples, finding.unit), "utf-8")
            lines += ["", f"![{title}: share of samples beyond a value]({picture.name})"]
        for note in finding.notes:
            lines += ["", note]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def _number(value: float) -> str:
    if math.isnan(value):
        return "none"
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e6 else f"{value:.3f}"
