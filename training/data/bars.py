"""Bars as token rows: what a corpus gives, and what a dataset is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from presets.bar import Window
from presets.encoding import Encoding, Grid, Tokens, Vocabulary

LOW, HIGH = 55, 84  # MIDI; AR-VAE's range
POSITIONS = tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4"))
QUARTERS = tuple(Fraction(k, 4) for k in range(4))
BACH = Encoding(Grid(POSITIONS), Vocabulary.midi(LOW, HIGH))
TWO = Encoding(Grid(POSITIONS, bars=2), BACH.vocabulary)
SIXTEENTHS = Encoding(Grid(QUARTERS), BACH.vocabulary)  # one bar of …
MELODY = Encoding(Grid(QUARTERS, bars=16), BACH.vocabulary)
ENCODINGS = {  # by the name that data cards and runs carry
    "bar24-midi": BACH,
    "bar24-midi-2": TWO,
    "bar16-midi-16": MELODY,
}

OFF_GRID = "bars with a note off the grid"
OUT_OF_RANGE = f"bars that leave MIDI {LOW} to {HIGH}"

Rows = NDArray[np.int64]
Indices = NDArray[np.int32]
Bytes = NDArray[np.uint8]  # tokens as they are kept and stored


@dataclass(frozen=True)
class Bars:
    """Bars of one side of a split, in the written keys."""

    tokens: Bytes  # [N, T]
    work: Indices  # [N], index into a dataset's works

    def __len__(self) -> int:
        return len(self.tokens)

    def where(self, chosen: NDArray[np.bool_]) -> Bars:
        return Bars(self.tokens[chosen], self.work[chosen])


@dataclass(frozen=True)
class Work:
    """A work as a dataset takes it."""

    name: str
    tokens: Bytes  # [bars, T], in the written key
    lines: Rows  # [bars], ticks at which they begin; of parts that are not one melody, far apart
    left_out: Counter[str] = field(default_factory=Counter[str])
    learnable: bool = True  # or it is test and nothing else


def encode(
    windows: Iterable[Window], lines: Iterable[int], bar: Encoding = BACH
) -> tuple[Bytes, Rows, Counter[str]]:
    """The rows of the windows that fit a bar's encoding exactly, and the ticks of their lines; how
    many do not, and why."""
    rows: list[Tokens] = []
    kept: list[int] = []
    left_out: Counter[str] = Counter()
    for window, line in zip(windows, lines, strict=True):
        reason = unfit(window, bar)
        if reason:
            left_out[reason] += 1
        else:
            rows.append(bar.encode(window).tokens)
            kept.append(line)
    return stack(rows, bar.grid.steps), np.array(kept, np.int64), left_out


def runs(tokens: Bytes, lines: Rows, count: int) -> Bytes:
    """Every `count` bars [N, T] of which each begins where the one before it ends, as one window
    [M, count · T]."""
    breaks = np.cumsum(np.diff(lines, prepend=lines[:1]) != BACH.grid.length)
    first = np.arange(max(0, len(tokens) - count + 1))
    near = breaks[first + count - 1] == breaks[first]
    at = first[near][:, None] + np.arange(count)
    found = tokens[at]  # [M, count, T]
    silent = _ends_silent(tokens)[at[:, :-1]]
    goes_on = silent & (found[:, 1:, 0] == BACH.vocabulary.rest)
    found[:, 1:, 0][goes_on] = BACH.vocabulary.hold  # a silence that goes on does not begin
    return found.reshape(len(found), count * tokens.shape[1])


def _ends_silent(tokens: Bytes) -> NDArray[np.bool_]:
    """Whether the last thing that happens in each bar [N, T] is a rest [N]."""
    last = tokens.shape[1] - 1 - (tokens != BACH.vocabulary.hold)[:, ::-1].argmax(1)
    return tokens[np.arange(len(tokens)), last] == BACH.vocabulary.rest


def stack(rows: Sequence[Tokens], steps: int = BACH.grid.steps) -> Bytes:
    """Rows of tokens as one array [N, T], which may be empty."""
    return np.array(rows, np.uint8).reshape(len(rows), steps)


def unfit(window: Window, bar: Encoding = BACH) -> str:
    """Why a bar cannot be a token window as it is written, or ""."""
    ends = {n.onset for n in window.notes if n.onset >= 0}
    ends |= {n.end for n in window.notes if n.end <= window.length}
    pitches = [n.pitch for n in window.notes if n.onset >= 0]
    if not ends <= set(bar.grid.ticks):
        return OFF_GRID
    if pitches and (min(pitches) < LOW or max(pitches) > HIGH):
        return OUT_OF_RANGE
    return ""


def form(tokens: Tokens | Bytes) -> bytes:
    """A window moved so that its lowest note is the vocabulary's lowest: the same in every key."""
    return forms(tokens.astype(np.uint8)[None])[0]


def forms(tokens: Bytes) -> list[bytes]:
    """The form of every row of [N, T]."""
    low, _, struck = _span(tokens)
    moved = np.where(struck, tokens - low[:, None], tokens)
    return [row.tobytes() for row in moved]


def room(tokens: Bytes) -> Rows:
    """In how many keys each row of [N, T] stays inside the vocabulary [N]."""
    low, high, struck = _span(tokens)
    keys = BACH.vocabulary.hold - (high - low).astype(np.int64)
    return np.where(struck.any(1), keys, 1)


def keys(tokens: Tokens | Bytes) -> tuple[Rows, Rows]:
    """A window in every key that stays inside the vocabulary [K, T], and the shifts [K]."""
    top, row = BACH.vocabulary.hold, tokens.astype(np.int64)
    struck = row < top
    if not struck.any():
        return row[None], np.zeros(1, np.int64)
    shifts = np.arange(-row[struck].min(), top - row[struck].max())
    return np.where(struck, row + shifts[:, None], row), shifts


def _span(tokens: Bytes) -> tuple[Bytes, Bytes, NDArray[np.bool_]]:
    """The lowest and the highest key of every row [N], and where keys are struck [N, T]."""
    struck = tokens < BACH.vocabulary.hold
    low = np.where(struck, tokens, 255).min(1).astype(np.uint8)
    high = np.where(struck, tokens, 0).max(1).astype(np.uint8)
    return low, high, struck
