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
BACH = Encoding(Grid(POSITIONS), Vocabulary.midi(LOW, HIGH))
ENCODINGS = {"bar24-midi": BACH}  # by the name that data cards and runs carry

OFF_GRID = "bars with a note off the grid"
OUT_OF_RANGE = f"bars that leave MIDI {LOW} to {HIGH}"

Rows = NDArray[np.int64]
Bytes = NDArray[np.uint8]  # tokens as they are kept and stored


@dataclass(frozen=True)
class Work:
    """A work as a dataset takes it."""

    name: str
    tokens: Bytes  # [bars, T], in the written key
    left_out: Counter[str] = field(default_factory=Counter[str])
    learnable: bool = True  # or it is test and nothing else


def encode(windows: Iterable[Window]) -> tuple[Bytes, Counter[str]]:
    """The rows of the windows that fit the encoding exactly; how many do not, and why."""
    rows: list[Tokens] = []
    left_out: Counter[str] = Counter()
    for window in windows:
        reason = unfit(window)
        if reason:
            left_out[reason] += 1
        else:
            rows.append(BACH.encode(window).tokens)
    return stack(rows), left_out


def stack(rows: Sequence[Tokens]) -> Bytes:
    """Rows of tokens as one array [N, T], which may be empty."""
    return np.array(rows, np.uint8).reshape(len(rows), BACH.grid.steps)


def unfit(window: Window) -> str:
    """Why a bar cannot be a token window as it is written, or ""."""
    ends = {n.onset for n in window.notes if n.onset >= 0}
    ends |= {n.end for n in window.notes if n.end <= window.length}
    pitches = [n.pitch for n in window.notes if n.onset >= 0]
    if not ends <= set(BACH.grid.ticks):
        return OFF_GRID
    if pitches and (min(pitches) < LOW or max(pitches) > HIGH):
        return OUT_OF_RANGE
    return ""


def form(tokens: Tokens | Bytes) -> bytes:
    """A window moved so that its lowest note is the vocabulary's lowest: the same in every key."""
    struck = tokens < BACH.vocabulary.hold
    low = tokens[struck].min() if struck.any() else 0
    return np.where(struck, tokens - low, tokens).astype(np.uint8).tobytes()


def shifts(tokens: Tokens | Bytes) -> Rows:
    """The semitones [K] by which a window can move inside the vocabulary, 0 among them."""
    struck = tokens[tokens < BACH.vocabulary.hold].astype(np.int64)
    if not len(struck):
        return np.zeros(1, np.int64)
    return np.arange(-struck.min(), BACH.vocabulary.hold - struck.max())


def keys(tokens: Tokens | Bytes) -> tuple[Rows, Rows]:
    """A window in every key that stays inside the vocabulary [K, T], and the shifts [K]."""
    moves, row = shifts(tokens), tokens.astype(np.int64)
    return np.where(row < BACH.vocabulary.hold, row + moves[:, None], row), moves
