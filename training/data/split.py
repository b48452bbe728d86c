"""Which bars are learnt from, which choose between checkpoints, and which are truly unseen.

The honest protocol holds works out whole, and of the held-out works only those bars count whose
form, moved to a common pitch, occurs in no work that the model learns from or is chosen by. The
papers' protocol cuts the rows of the transposed set in order as their public code does: a
bar of its test set has mostly been learnt. It is there to compare figures with theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.data.bars import HIGH, LOW, Bars, forms, room

SPLITS = ("train", "validation", "test")
HONEST, PAPER = "honest", "paper"  # protocols
HELD_OUT = 0.2  # of the works that may be learnt from: test
VALIDATION = 0.1  # of the works that remain: choosing the best checkpoint
RULE = (
    f"{HELD_OUT:.0%} of the works that may be learnt from and every other work are test; "
    f"{VALIDATION:.0%} of the rest are validation. Validation keeps only bars whose form, moved to "
    "a common pitch, is in no training work; test only those in no training and no validation "
    f"work. Each bar stands in every key that keeps it inside MIDI {LOW} to {HIGH}."
)

LEARNT, WATCHED, MEASURED = 0.70, 0.90, 0.95  # of the rows: where those parts end, end, begin
ROWS_RULE = (
    f"Rows in order, every bar in all its keys inside MIDI {LOW} to {HIGH}: the first "
    f"{LEARNT:.0%} are training, those up to {WATCHED:.0%} validation, those from {MEASURED:.0%} "
    "on test. A bar is not torn apart. Works and bars stand on several sides."
)


def by_rows(bars: Bars) -> dict[str, Bars]:
    """The papers' split of the transposed rows, each bar where the middle of its rows falls."""
    rows = room(bars.tokens)
    middle = (np.cumsum(rows) - rows / 2) / max(1, rows.sum())
    sides = np.select([middle < LEARNT, middle < WATCHED, middle >= MEASURED], SPLITS, "none")
    return {split: bars.where(sides == split) for split in SPLITS}


def by_work(bars: Bars, learnable: Sequence[bool], seed: int) -> dict[str, Bars]:
    """The bars of each split. `learnable`: may each work be learnt from, or is it test only?"""
    sides = sides_of(learnable, seed)
    return {split: bars.where(sides[bars.work] == split) for split in SPLITS}


def unseen(found: dict[str, Bars]) -> dict[str, Bars]:
    """The splits, each of the held-out ones without the forms that the splits before it hold."""
    seen: set[bytes] = set()
    kept: dict[str, Bars] = {}
    for split, bars in found.items():
        these = forms(bars.tokens)
        new = np.array([form not in seen for form in these], np.bool_)
        kept[split] = bars if split == "train" else bars.where(new)
        seen.update(these)
    return kept


def sides_of(learnable: Sequence[bool], seed: int) -> NDArray[np.str_]:
    """The split of every work, drawn by work. Three works or more give something to each."""
    drawn = np.random.default_rng(seed).permutation(np.flatnonzero(learnable))
    few = int(len(drawn) > 2)
    held = max(few, round(HELD_OUT * len(drawn)))
    chosen = held + max(few, round(VALIDATION * (len(drawn) - held)))
    sides = np.where(learnable, "train", "test").astype("U10")
    sides[drawn[:held]] = "test"
    sides[drawn[held:chosen]] = "validation"
    return sides
