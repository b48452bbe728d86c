from __future__ import annotations

import numpy as np

from presets.attributes import Onsets
from training.constraints.kin import alike


def onsets(*rows: list[int]) -> Onsets:
    """Pitches, 0 where nothing is struck."""
    pitch = np.array(rows, np.float64)
    struck = pitch > 0
    return Onsets(struck, pitch, np.zeros(pitch.shape[1]), struck.sum(1))


def test_two_of_three_notes_are_where_they_were_and_one_is_the_same() -> None:
    a, b = onsets([60, 0, 62, 64]), onsets([60, 0, 63, 0])
    assert alike(a, b) == (4 / 5, 2 / 5)


def test_silence_is_like_silence_and_like_nothing_else() -> None:
    nothing, something = onsets([0, 0]), onsets([60, 0])
    assert alike(nothing, nothing) == (1.0, 1.0)
    assert alike(nothing, something) == (0.0, 0.0)
    assert alike(something, something) == (1.0, 1.0)
