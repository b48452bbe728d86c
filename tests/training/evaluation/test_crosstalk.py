from __future__ import annotations

import numpy as np
import pytest

from presets.attributes import Onsets, onsets_of
from training import latent
from training.checkpoint import Trained
from training.data.dataset import BACH, Dataset
from training.evaluation import control, crosstalk
from training.evaluation.control import Turn

NAMES = ("density", "range")
HOLD = 30
STILL = {
    **{"moves": {"density": 0, "range": 0}, "shifts": {"density": 0, "range": 0}},
    **{"reached": 0, "kept": 1},
    **{"in key": 1, "in key by chance": 1},
}


def onsets(*windows: dict[int, int]) -> Onsets:
    """Windows as step → token."""
    tokens = np.full((len(windows), 24), HOLD)
    for row, struck in zip(tokens, windows, strict=True):
        row[list(struck)] = list(struck.values())
    return onsets_of(tokens, BACH)


def test_a_knob_by_hand() -> None:
    two = {0: 0, 6: 13}  # notes: 2, range: 13 semitones
    start = onsets(two, two)
    one, three = {0: 0}, {0: 0, 6: 13, 12: 0}
    after = onsets(one, two, three, two, two, three)  # two windows at three positions
    turned = Turn(start, start, after, onsets(*[two] * 6))
    learnt = np.array([[1, 0.0], [3, 0.5], [1, 0.0], [3, 0.5]]) / [24, 1]
    found = crosstalk.described(turned, 0, NAMES, learnt)
    decoded, heard = found["decoded"], found["heard"]
    assert decoded["moves"]["density"] == pytest.approx((2 + 1) / 2)  # a deviation is one note
    assert decoded["moves"]["range"] == pytest.approx((0.5 + 0) / 2 / 0.25)
    assert decoded["shifts"]["density"] == pytest.approx((1 + 0 + 1 + 0 + 0 + 1) / 6)
    assert decoded["shifts"]["range"] == pytest.approx(0.5 / 6 / 0.25)
    assert decoded["reached"] == pytest.approx((2 + 1) / 2 / 2)  # of 1 to 3 notes
    assert decoded["kept"] == 11 / 12
    assert decoded["in key"] == 1  # the pitches stay
    assert heard == STILL


def test_kept_asks_for_step_and_pitch() -> None:
    before = onsets({0: 5, 6: 7})
    assert crosstalk.kept(before, onsets({0: 5, 6: 8}, {0: 5, 7: 7}, {0: 5, 6: 7, 9: 1})) == 4 / 6
    silent = onsets({})
    assert crosstalk.kept(silent, onsets({0: 5})) == 1


def test_what_never_varied_in_training_is_no_measure() -> None:
    start = onsets({0: 0})
    turned = Turn(start, start, onsets({0: 0}, {0: 0, 6: 5}), onsets({0: 0}, {0: 0, 6: 5}))
    found = crosstalk.described(turned, 0, NAMES, np.full((4, 2), 0.1))
    assert found["decoded"] == STILL


def test_a_knob_at_its_place_keeps_the_bar(trained: Trained, data: Dataset) -> None:
    bar = data.splits["test"].tokens[:1]
    mu, _ = latent.encode(trained.model, bar)
    turned = control.turn(trained.model, BACH, bar, 2, mu[0, [2, 2]])
    learnt = np.random.default_rng(0).normal(size=(50, 2))
    found = crosstalk.described(turned, 0, NAMES, learnt)
    for kind in ("decoded", "heard"):
        assert found[kind]["moves"] == {"density": 0, "range": 0}
        assert (found[kind]["reached"], found[kind]["kept"]) == (0, 1)
