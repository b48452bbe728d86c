"""How much of a window comes back: shares of its tokens, its onsets, its pitches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presets.encoding import Tokens, Vocabulary

Floats = NDArray[np.float64]


class Share(NamedTuple):
    """Of N windows: Σ part / Σ whole is the figure, and can be drawn again by window."""

    part: Floats  # [N]
    whole: Floats  # [N]

    @property
    def value(self) -> float:
        """0 where there is nothing to share."""
        return float(self.part.sum() / max(self.whole.sum(), 1e-12))


def shares(decoded: Tokens, true: Tokens, vocabulary: Vocabulary) -> dict[str, Share]:
    """Of decoded and true tokens [N, T]:

    tokens, windows: right steps, and windows right at every step; tokens/always hold: what a hold
    everywhere scores. onsets: struck steps that come back struck and at their pitch.
    onset f1: 2 · hits / (struck + decoded as struck), whatever the pitch. pitches: of the steps
    struck in both, those at the true pitch.
    """
    pitch_of = np.array([-1 if pitch is None else pitch for pitch in vocabulary.pitches])
    heard, written = pitch_of[decoded], pitch_of[true]
    struck, hit = written >= 0, (written >= 0) & (heard >= 0)
    right, same = decoded == true, hit & (heard == written)
    every, one = np.ones(true.shape, np.bool_), np.ones((len(true), 1), np.bool_)
    return {
        "tokens": _share(right, every),
        "tokens/always hold": _share(true == vocabulary.hold, every),
        "onsets": _share(same, struck),
        "onset f1": Share(2.0 * hit.sum(1), 1.0 * struck.sum(1) + (heard >= 0).sum(1)),
        "pitches": _share(same, hit),
        "windows": _share(right.all(1, keepdims=True), one),
    }


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> Share:
    return Share(part.sum(1).astype(np.float64), whole.sum(1).astype(np.float64))
