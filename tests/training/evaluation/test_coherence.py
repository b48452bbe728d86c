from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from presets.attributes import Onsets, onsets_of
from training.data.bars import BACH, LOW
from training.evaluation import coherence

C_MAJOR = (60, 62, 64, 65, 67, 69, 71)


def onsets(*windows: tuple[int, ...]) -> Onsets:
    """Windows that strike these MIDI pitches, one a step."""
    tokens = np.full((len(windows), 24), BACH.vocabulary.hold)
    for row, pitches in zip(tokens, windows, strict=True):
        row[: len(pitches)] = np.array(pitches, int) - LOW
    return onsets_of(tokens, BACH)


def test_a_major_scale_leaves_one_key() -> None:
    bar = onsets(C_MAJOR)
    assert coherence.in_key(bar, onsets((60, 64, 67))) == 1
    assert coherence.in_key(bar, onsets((61, 64, 67, 72))) == 3 / 4
    assert coherence.in_key(bar, onsets((61, 63, 66, 68))) == 0


def test_a_leading_note_belongs_to_minor() -> None:
    a_minor = onsets((69, 68, 69, 72, 71, 65))  # A G♯ A C B F
    assert coherence.in_key(a_minor, a_minor) == 1
    assert coherence.in_key(a_minor, onsets((64, 62, 67, 66))) == 2 / 4  # G and F♯ are not in it


def test_a_note_outside_every_scale_counts_against_the_bar_itself() -> None:
    bar = onsets((*C_MAJOR, 61))  # and C♯
    assert coherence.in_key(bar, bar) == 7 / 8


def test_of_keys_that_fit_alike_the_answer_keeps_to_one() -> None:
    bar = onsets((60, 64, 67))  # C major, F major or G major, E or F minor …
    assert coherence.in_key(bar, onsets((66, 62))) == 1  # G major
    assert coherence.in_key(bar, onsets((65, 62))) == 1  # F major
    assert coherence.in_key(bar, onsets((66, 65))) == 1 / 2  # no one of them has both


def test_every_answer_is_judged_by_its_own_bar_and_by_notes() -> None:
    bars = onsets(C_MAJOR, tuple(pitch + 6 for pitch in C_MAJOR))  # C major, F♯ major
    answers = onsets((60, 62, 64), (61,), (61, 63), (60, 62))
    assert coherence.in_key(bars, answers) == (3 + 0 + 2 + 0) / 8
    assert coherence.by_chance(bars, answers) == (0 + 1 + 0 + 2) / 8


@pytest.mark.parametrize("measured", [coherence.in_key, coherence.by_chance])
def test_silence_is_in_no_key_and_out_of_none(measured: Callable[[Onsets, Onsets], float]) -> None:
    assert measured(onsets(()), onsets((60, 61, 62))) == 1
    assert measured(onsets(C_MAJOR), onsets(())) == 1
    assert coherence.in_key(onsets((), C_MAJOR), onsets((61,), (60,))) == 1


def test_any_transposition_is_the_same() -> None:
    draw = np.random.default_rng(0)
    bar, answer = (tuple(map(int, draw.integers(60, 72, 5))) for _ in range(2))
    found = {
        coherence.in_key(
            onsets(tuple(p + shift for p in bar)), onsets(tuple(p + shift for p in answer))
        )
        for shift in range(-5, 7)
    }
    assert len(found) == 1
