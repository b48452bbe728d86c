"""How works are cut into windows: how many bars at a time, on which grid, as written or played."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from presets.encoding import Encoding
from training.data.bars import BACH, ENCODINGS, SIXTEENTHS, Bytes, Rows, runs


@dataclass(frozen=True)
class Cut:
    encoding: str  # the name of a window's
    bar: Encoding  # of each of its bars
    option: str  # of glissar-train prepare
    rule: str  # what a data card adds to that of its split
    played: bool = False  # repeats and all, and no two windows of a work alike

    @property
    def bars(self) -> int:
        return ENCODINGS[self.encoding].grid.bars

    @property
    def steps(self) -> int:
        return ENCODINGS[self.encoding].grid.steps

    @property
    def suffix(self) -> str:
        """Of a dataset's name."""
        return f"-{self.bars}" if self.bars > 1 else ""

    def windows(self, tokens: Bytes, lines: Rows) -> Bytes:
        """The windows [M, T] of a work's bars [N, …], one beginning at every bar that it can."""
        found = runs(tokens, lines, self.bars)
        if not self.played:
            return found
        _, first = np.unique(found, axis=0, return_index=True)
        return found[np.sort(first)]


BARS = Cut("bar24-midi", BACH, "", "")
PAIRS = Cut(
    "bar24-midi-2",
    BACH,
    " --pairs",
    " What is said of a bar holds for two: each bar stands with the one that follows it.",
)
MELODIES = Cut(
    "bar16-midi-16",
    SIXTEENTHS,
    " --melodies",
    " What is said of a bar holds for sixteen: each bar stands with the fifteen that follow it, on "
    "a grid of sixteenths. Repeats are played out, two short bars that make a full one are one, "
    "and a window that a work has several times counts once. Tokens are those keys, a hold and a "
    "rest, where Engel et al. 2018 have 128 keys.",
    played=True,
)
