"""What `glissar-train geodesics` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from training.geodesics.measure import Figures


class Row(NamedTuple):
    key: str
    says: str
    form: str = ".2f"
    wanted: str = ""


OF_READINGS = (
    Row("share", "energy over the straight line's: median", ".3f"),
    Row("most", "… largest", ".3f", "≤ 1"),
    Row("below", "… no more than it", ".1%", "100%"),
    Row("finer", "… no more than it, looked at in 256 steps", ".1%"),
    Row("around", "least g over the line's, a gap in one moon: median", ".2f", "≥ 3"),
    Row("around least", "… lowest", ".2f", "≥ 1"),
    Row("around below", "… below 1", ".1%", "0%"),
    Row("between", "… a gap between two moons: median", ".2f"),
    Row("between least", "… lowest", ".2f"),
    Row("between below", "… below 1", ".1%"),
    Row("closed", "closed form off Monte-Carlo, worst of 10 paths", ".2%", "< .5%"),
    Row("cold", "iterations to the same energy, from the line", ".1f"),
    Row("warm", "… from a warm start", ".1f", "fewer"),
    Row("cold ends higher", "pairs whose descent from the line ends higher", ".1%"),
    Row("warm ends higher", "… from a warm start", ".1%"),
)
OF_DECODER = (
    Row("metric", "expected metric off Monte-Carlo", ".2%"),
    Row("auc", "area under the curve of g, unseen encodings against elsewhere", ".3f", "≥ .95"),
    Row("g ms", "an iteration for all pairs around a gap, ms: of g", ".2f"),
    Row("mu ms", "… of μ alone", ".2f"),
    Row("energy ms", "… of the energy, which needs both", ".2f"),
    Row("first ms", "the first stage of all of them, ms", ".0f"),
    Row("grid", "energy over the shortest way's on a grid: median", ".3f"),
    Row("grid near", "… within 10 %", ".1%"),
    Row("grid, lines", "… of straight lines: median", ".3f"),
    Row("grid, lines near", "… within 10 %", ".1%"),
)
OF_SPLINES = (
    Row("any", "energy over a spline's, any two encodings: median", ".3f", "≤ 1.1"),
    Row("any near", "… within 10 %", ".1%"),
    Row("around", "… around a gap in one moon: median", ".3f", "≤ 1.1"),
    Row("around near", "… within 10 %", ".1%"),
    Row("ours alone ms", "one pair alone, ms: ours", ".1f"),
    Row("stochman's alone ms", "… stochman's", ".1f"),
    Row("ours ms", "one of all pairs around a gap at once, ms: ours", ".1f"),
    Row("stochman's ms", "… stochman's", ".1f"),
)


def readings(found: Mapping[str, Figures]) -> Iterator[str]:
    """The rows of both readings of eq. 4, side by side."""
    heads = "".join(f"{f'noise {name}':>12}" for name in found)
    yield f"{'':62}{heads}{'wanted':>10}"
    for row in OF_READINGS:
        cells = "".join(f"{figures[row.key]:>12{row.form}}" for figures in found.values())
        yield f"{row.says:62}{cells}{row.wanted:>10}"


def rows(which: tuple[Row, ...], found: Figures) -> Iterator[str]:
    """The rows that there is one figure of."""
    for row in which:
        yield f"{row.says:62}{found[row.key]:>12{row.form}}{'':12}{row.wanted:>10}"
