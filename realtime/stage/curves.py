"""Distributions as a picture: for each value, the share of the samples beyond it, both in tens.

A curve further to the left is earlier, a steeper one is tighter. SVG, drawn with nothing but
strings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 560, 300  # pixels of the paper
LEFT, TOP, BELOW, LINE = 64, 24, 44, 16
COLOURS = "#2f6fb0", "#d9632b", "#4a9a5b", "#8a5fb5", "#7a8798", "#b8963e"
LEAST = 1e-3  # of the unit: what is smaller is drawn there
POINTS = 200  # of a curve, at the most


def curves(samples: Mapping[str, Sequence[float]], unit: str) -> str:
    """Name → values of 0 and more, in `unit`. Empty ones are left out."""
    drawn = {name: sorted(values) for name, values in samples.items() if values}
    high = math.ceil(math.log10(max(LEAST * 10, *(values[-1] for values in drawn.values()))))
    low = math.floor(math.log10(max(LEAST, min(_early(values) for values in drawn.values()))))
    depth = max(1, math.ceil(math.log10(max(len(values) for values in drawn.values()))))
    paper = _Paper(low, max(high, low + 1), depth)
    body = [*paper.grid(unit)]
    for number, (name, values) in enumerate(drawn.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in paper.curve(values))
        body.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = TOP + HEIGHT + BELOW + LINE * number
        body.append(f'<rect x="{LEFT}" y="{y - 8}" width="18" height="3" fill="{colour}"/>')
        label = f"{escape(name)} ({len(values)})"
        body.append(f'<text x="{LEFT + 26}" y="{y}" fill="#333">{label}</text>')
    return _svg(LEFT + WIDTH + 24, TOP + HEIGHT + BELOW + LINE * len(drawn), body)


def _early(ranked: Sequence[float]) -> float:
    """Where a curve begins to be of interest: a tenth of the way."""
    return max(ranked[len(ranked) // 10], LEAST)


class _Paper:
    """From 10^low to 10^high across, from all samples to one of 10^depth down."""

    def __init__(self, low: int, high: int, depth: int) -> None:
        self.low, self.high, self.depth = low, high, depth

    def curve(self, ranked: Sequence[float]) -> Iterator[tuple[float, float]]:
        """Closer together towards the end, where few are left."""
        count = len(ranked)
        places = {round(count * (1 - 10 ** (-self.depth * n / POINTS))) for n in range(POINTS + 1)}
        for place in sorted(places | {count - 1}):
            if place < count:
                yield self._x(ranked[place]), self._y((count - place) / count)

    def grid(self, unit: str) -> Iterator[str]:
        for power in range(self.low, self.high + 1):
            x = self._x(10.0**power)
            yield _line(x, TOP, x, TOP + HEIGHT)
            text = f"{10.0**power:g} {unit}".strip()
            yield f'<text x="{x:.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{text}</text>'
        for power in range(self.depth + 1):
            y = self._y(10.0**-power)
            yield _line(LEFT, y, LEFT + WIDTH, y)
            text = f"{100 * 10.0**-power:g} %"
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'

    def _x(self, value: float) -> float:
        power = min(max(math.log10(max(value, 1e-12)), self.low), self.high)
        return LEFT + WIDTH * (power - self.low) / (self.high - self.low)

    def _y(self, share: float) -> float:
        return TOP + HEIGHT * min(-math.log10(share) / self.depth, 1.0)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="#e3e6ea"/>'


def _svg(width: int, height: int, body: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" '
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([f'{head}font-size="11">', paper, *body, "</svg>\n"])
