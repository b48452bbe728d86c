"""A comparison is made of parts; a terminal and Markdown show the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from training.evaluation.report import table

WIDTH = 110  # columns of a terminal

Rows = Sequence[Sequence[str]]


class Part(NamedTuple):
    """A table, whose first row is its head, or lines that stand as they are; or both."""

    title: str
    rows: Rows = ()
    text: Sequence[str] = ()
    note: str = ""

    def lines(self) -> Iterable[str]:
        """For a terminal; what is too wide goes on below."""
        yield from ("", self.title)
        for number, block in enumerate(fitted(self.rows)):
            yield from [""] * (number > 0)
            yield from (line.rstrip() for line in table(block))
        yield from self.text
        yield from self.note.splitlines()

    def markdown(self) -> Iterable[str]:
        yield from ("", f"## {self.title}")
        if self.rows:
            head, *others = (f"| {' | '.join(_marked(row))} |" for row in self.rows)
            yield from ("", head, "|---|" + "---:|" * (len(self.rows[0]) - 1), *others)
        if self.text:
            yield from ("", "```", *self.text, "```")
        if self.note:
            yield from ("", self.note.replace("\n", " "))


def _marked(row: Sequence[str]) -> Sequence[str]:
    """A row that is but a name is the head of those below it."""
    return row if any(row[1:]) else [f"**{row[0]}**", *row[1:]]


def fitted(rows: Rows, width: int = WIDTH) -> Iterable[Rows]:
    """Tables no wider than that where it can be, each with the first column of all."""
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    start = 1
    while start < len(widths):
        end = start + 1
        while end < len(widths) and widths[0] + sum(widths[start : end + 1]) - 2 <= width:
            end += 1
        yield [[row[0], *row[start:end]] for row in rows]
        start = end


def beside(left: Sequence[str], blocks: Sequence[Sequence[str]], width: int = WIDTH) -> list[str]:
    """Blocks of as many lines each as `left`, which stands before the first of every row of them;
    a line of a block is as wide as its others."""
    found: list[str] = []
    rest = list(blocks)
    while rest:
        row = list(left)
        first = True
        while rest and (first or len(row[0]) + len(rest[0][0]) <= width):
            row, first = [a + b for a, b in zip(row, rest.pop(0), strict=True)], False
        found += [*([""] * bool(found)), *row]
    return found


def short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
