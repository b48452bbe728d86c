"""Where things go: in columns, from top to bottom and then to the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Rect(NamedTuple):
    """In pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


def columns(
    sizes: Sequence[tuple[int, int]], left: int, top: int, bottom: int, gap: int
) -> Iterator[Rect]:
    """A place for each size (width, height); what is higher than a column has one of its own."""
    down, widest = top, 0
    for width, height in sizes:
        if down > top and down + height > bottom:
            left, down, widest = left + widest + gap, top, 0
        yield Rect(left, down, width, height)
        down, widest = down + height + gap, max(widest, width)
