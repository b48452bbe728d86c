from __future__ import annotations

import numpy as np
import pytest

from presets.encoding import Vocabulary
from training.evaluation.reconstruction import shares

WORDS = Vocabulary.midi(60, 63)  # tokens 0 to 3, hold 4, rest 5
TRUE = np.array([[0, 4, 1, 4], [2, 4, 4, 5]])


def values(decoded: list[list[int]]) -> dict[str, float]:
    return {name: share.value for name, share in shares(np.array(decoded), TRUE, WORDS).items()}


def test_what_comes_back_whole_scores_one() -> None:
    found = values(TRUE.tolist())
    assert found.pop("tokens/always hold") == 4 / 8
    assert set(found.values()) == {1}


def test_a_hand_counted_case() -> None:
    # First window: a wrong pitch, and an onset too many. Second: as written.
    found = values([[3, 4, 1, 0], [2, 4, 4, 5]])
    assert found["tokens"] == 6 / 8
    assert found["windows"] == 1 / 2
    assert found["onsets"] == 2 / 3  # of three struck, two come back
    assert found["onset f1"] == pytest.approx(2 * 3 / (3 + 4))
    assert found["pitches"] == 2 / 3  # struck in both: three, one of them wrong


def test_a_missed_onset_is_no_wrong_pitch() -> None:
    found = values([[0, 4, 4, 4], [2, 4, 4, 5]])
    assert found["onsets"] == 2 / 3
    assert found["pitches"] == 1
    assert found["onset f1"] == pytest.approx(2 * 2 / (3 + 2))


def test_the_trivial_answer() -> None:
    found = values([[4] * 4, [4] * 4])
    assert found["tokens"] == found["tokens/always hold"] == 4 / 8
    assert found["onsets"] == found["onset f1"] == found["pitches"] == found["windows"] == 0


def test_spelling_is_no_pitch() -> None:
    words = Vocabulary(("A#4", "B-4", "hold", "rest"), (70, 70, None, None), 2, 3)
    found = shares(np.array([[1, 2]]), np.array([[0, 2]]), words)
    assert found["pitches"].value == found["onsets"].value == 1
    assert found["tokens"].value == 1 / 2
