"""Attributes against values worked out by hand, and against a slow reading of the equations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from types import FrameType
from typing import Any

import numpy as np
import pytest

from presets.attributes import (
    ATTRIBUTES,
    measure,
    measure_heard,
    metrical_weights,
    onsets_of,
)
from presets.bar import Meter
from presets.encoding import Encoding, Grid, Vocabulary

POSITIONS = tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4"))
BACH = Encoding(Grid(POSITIONS), Vocabulary.midi(55, 84))
HOLD, REST = BACH.vocabulary.hold, BACH.vocabulary.rest
NAMES = list(ATTRIBUTES)
# Toussaint's weights as the AR-VAE authors tabulate them for 24 ticks.
WEIGHTS = [
    *(0.20, 1, 2, 0.5, 2, 1),
    *(0.67, 1, 2, 0.5, 2, 1),
    *(0.25, 1, 2, 0.5, 2, 1),
    *(0.67, 1, 2, 0.5, 2, 1),
]


def bar(notes: dict[int, int], first: int = HOLD) -> list[int]:
    """Tokens with the given onsets, step -> pitch; `first` where nothing is struck on step 0."""
    tokens = [first, *[HOLD] * 23]
    for step, pitch in notes.items():
        tokens[step] = pitch - 55
    return tokens


def slow(tokens: list[int]) -> dict[str, float]:
    """Equations 10 to 13 and the sentences of the others read aloud, one window at a time."""
    notes = [(step, token + 55) for step, token in enumerate(tokens) if token < HOLD]
    pitches = [pitch for _, pitch in notes]
    rise = sum(b - a for a, b in pairwise(pitches))
    moves = [abs(b - a) for a, b in pairwise(pitches) if a != b]
    return {
        "rhythm": sum(WEIGHTS[step] for step, _ in notes) / sum(WEIGHTS),
        "range": (max(pitches) - min(pitches)) / 26 if len(notes) > 1 else 0.0,
        "density": len(notes) / 24,
        "contour": rise / 26,
        "register": sum(pitches) / len(pitches) if notes else 0.0,
        "syncopation": sum(WEIGHTS[step] for step, _ in notes) / max(1, len(notes)),
        "steps": sum(move <= 2 for move in moves) / len(moves) if moves else 1.0,
    }


def test_the_table_holds_the_attributes_in_the_words_of_a_musician() -> None:
    units = {name: attribute.unit for name, attribute in ATTRIBUTES.items()}
    assert units == {
        "rhythm": "complexity",
        "range": "semitones",
        "density": "notes",
        "contour": "semitones",
        "register": "MIDI pitch",
        "syncopation": "complexity a note",
        "steps": "share",
    }
    assert all(attribute.sentence.endswith(".") for attribute in ATTRIBUTES.values())


def test_the_metrical_weights_are_the_published_ones() -> None:
    weights = metrical_weights(BACH.grid)
    assert weights.tolist() == WEIGHTS
    assert weights.sum() == pytest.approx(27.79)


def test_every_bar_and_every_meter_has_weights() -> None:
    two_bars = Grid(POSITIONS, bars=2)
    assert metrical_weights(two_bars).tolist() == WEIGHTS * 2
    waltz = metrical_weights(Grid(POSITIONS, meter=Meter(3, 4)))
    assert waltz[::6].tolist() == [0.20, 0.67, 0.67]
    assert metrical_weights(Grid((Fraction(0), Fraction(1, 5))))[1] == 2.0


@pytest.mark.parametrize(
    ("notes", "first", "rhythm", "spread", "density", "contour"),
    [
        ({}, REST, 0, 0, 0, 0),
        ({}, HOLD, 0, 0, 0, 0),
        ({0: 60}, HOLD, 0.20 / 27.79, 0, 1, 0),
        ({9: 84}, REST, 0.5 / 27.79, 0, 1, 0),
        ({0: 60, 6: 62, 12: 64, 18: 60}, HOLD, 1.79 / 27.79, 4, 4, 0),
        ({6: 72, 12: 55, 14: 84}, HOLD, 2.92 / 27.79, 29, 3, 12),
        ({3: 70, 23: 61}, REST, 1.5 / 27.79, 9, 2, -9),
        (dict.fromkeys(range(24), 67), HOLD, 1, 0, 24, 0),
    ],
)
def test_golden_bars(
    notes: dict[int, int],
    first: int,
    rhythm: float,
    spread: int,
    density: int,
    contour: int,
) -> None:
    found = measure(np.array(bar(notes, first)), BACH, ["rhythm", "range", "density", "contour"])
    assert found.shape == (1, 4)
    assert found[0] == pytest.approx([rhythm, spread / 26, density / 24, contour / 26])


def test_values_in_units_are_what_a_person_counts() -> None:
    values = measure(np.array(bar({0: 60, 6: 65, 9: 72})), BACH, NAMES)[0]
    told = {n: ATTRIBUTES[n].in_units(v, BACH.grid) for n, v in zip(NAMES, values, strict=True)}
    assert told["density"] == pytest.approx(3)
    assert told["range"] == told["contour"] == pytest.approx(12)


def test_columns_come_in_the_order_asked() -> None:
    tokens = np.array([bar({0: 60, 6: 65}), bar({0: 70})])
    both = measure(tokens, BACH, ["density", "range"])
    assert np.array_equal(both[:, ::-1], measure(tokens, BACH, ["range", "density"]))
    assert both.dtype == np.float64


def test_onsets_are_neither_holds_nor_rests() -> None:
    onsets = onsets_of(np.array([bar({1: 60, 2: 62}, REST)]), BACH)
    assert onsets.struck[0].nonzero()[0].tolist() == [1, 2]
    assert onsets.pitch[0, 1:3].tolist() == [60, 62]
    assert onsets.count.tolist() == [2]


def _windows(count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    random = np.random.default_rng(7)
    tokens = random.integers(0, 32, (count, 24))
    return np.where(random.random((count, 24)) < 0.6, HOLD, tokens)


def test_a_hundred_thousand_bars_agree_with_the_slow_reading() -> None:
    tokens = _windows(100_000)
    found = measure(tokens, BACH, NAMES)
    assert found.shape == (100_000, len(NAMES))
    assert np.isfinite(found).all()
    for row in range(0, 100_000, 331):
        expected = slow(tokens[row].tolist())
        assert found[row] == pytest.approx([expected[name] for name in NAMES])


def _calls(work: Callable[[], object]) -> int:
    """How many Python functions `work` enters."""
    count = 0

    def watch(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_labelling_is_vectorised() -> None:
    one, many = _windows(1), _windows(100_000)
    measure(one, BACH, NAMES)
    assert _calls(lambda: measure(many, BACH, NAMES)) == _calls(lambda: measure(one, BACH, NAMES))


def test_of_nothing_nothing_is_measured() -> None:
    tokens = _windows(3)
    assert measure(tokens, BACH, ()).shape == (3, 0)
    heard = [BACH.encode(BACH.window(row)) for row in tokens]
    assert measure_heard(heard, BACH.grid, ()).shape == (3, 0)
