"""Do the notes of an answer lie in the key of the bar that was played?

AR-VAE's authors find that turned bars lose their key (§5.5, Fig. 17) and give no measure; this is
ours. A key is a scale of seven pitch classes: major, whose notes natural minor shares, or harmonic
minor, on twelve tonics. Those 24 hold 99.7 % of the notes of unseen Bach bars, each bar in its
best one, and 99.5 % in Folk; the 12 of major alone 98.8 % and 99.4 %.

A bar's key is the scale that holds most of its struck notes. Some five scales tie for a bar of
Bach, as it has three or four pitch classes. Of these the answer may choose one, the same for all
its notes: so a bar of few notes is judged mildly, and chance is far from zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presets.attributes import Onsets

Floats = NDArray[np.float64]

MAJOR, HARMONIC_MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11)
KEYS = np.array(  # [24, 12], which pitch classes each scale has
    [
        np.isin((np.arange(12) - tonic) % 12, scale)
        for scale in (MAJOR, HARMONIC_MINOR)
        for tonic in range(12)
    ],
    np.float64,
)


def in_key(bars: Onsets, answers: Onsets) -> float:
    """The share of the notes of N·P answers that lie in their bar's key; N bars, P answers to each.

    A bar without a note has no key, and its answers do not count; 1 where no note does.
    """
    held, notes = _held(_pitch_classes(bars), _pitch_classes(answers))
    return float(held.sum() / notes.sum()) if notes.any() else 1.0


def by_chance(bars: Onsets, answers: Onsets) -> float:
    """`in_key` with the answers to the bar half-way round: what no regard for the key would give,
    where the bars stand in all keys and in an order that says nothing of half-way."""
    there = np.roll(_pitch_classes(bars), len(bars.struck) // 2, axis=0)
    held, notes = _held(there, _pitch_classes(answers))
    return float(held.sum() / notes.sum()) if notes.any() else 1.0


def in_any_key(windows: Onsets) -> Floats:
    """The share of each window's notes that lie in the key which holds most of them [N]; 1 where
    there is none."""
    classes = _pitch_classes(windows)
    notes = classes.sum(1)
    return np.where(notes > 0, (classes @ KEYS.T).max(1) / np.maximum(notes, 1), 1.0)


def _held(bars: Floats, answers: Floats) -> tuple[Floats, Floats]:
    """Of pitch classes [N, 12] and [N·P, 12]: the notes in key and all that count [N·P]."""
    fit = bars @ KEYS.T
    best = (fit == fit.max(1, keepdims=True)) & (fit > 0)
    best = np.repeat(best, len(answers) // len(bars), 0)
    counts = best.any(1)
    return np.where(best, answers @ KEYS.T, 0.0).max(1), np.where(counts, answers.sum(1), 0.0)


def _pitch_classes(windows: Onsets) -> Floats:
    """How many notes of each pitch class the windows strike [N, 12]."""
    classes = windows.pitch.astype(np.int64) % 12
    return np.stack([(windows.struck & (classes == c)).sum(1) for c in range(12)], 1).astype(float)
