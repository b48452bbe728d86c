from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from presets.attributes import ATTRIBUTES, measure
from presets.encoding import Tokens
from training.checkpoint import Trained
from training.data.bars import BACH
from training.data.dataset import Dataset
from training.evaluation import prior

HOLD, REST = 30, 31


def test_shares_of_what_the_model_draws(trained: Trained, data: Dataset) -> None:
    windows = prior.drawn(trained, 50, seed=3)
    assert windows.shape == (50, 24)
    assert (prior.drawn(trained, 50, seed=3) == windows).all()
    found = prior.judged(windows, trained, data)
    assert found["windows"] == 50
    assert all(0 <= share <= 1 for name, share in found.items() if name != "windows")
    assert found["unusable"] == pytest.approx(found["silent"] + found["beyond"])


def test_what_counts_as_what(trained: Trained, data: Dataset) -> None:
    learnt, chosen = (data.splits[split].tokens for split in ("train", "validation"))
    known = [learnt[0], learnt[1], like(learnt, chosen)]
    new = learnt[0].copy()
    new[-1] = REST  # no bar of the corpus ends so
    busy = np.full(24, HOLD)
    busy[:12] = np.arange(12)  # more notes than any bar of the corpus
    empty = [np.full(24, HOLD), np.full(24, REST), np.full(24, HOLD)]
    found = prior.judged(np.stack([*known, new, busy, *empty]), trained, data)
    assert found["silent"] == 3 / 8
    assert found["beyond"] == 1 / 8
    assert found["unusable"] == 4 / 8
    assert found["known"] == 3 / 5  # of those that sound
    assert found["distinct"] == (len(set(prior.forms(np.stack(known), BACH))) + 4) / 8


def like(learnt: Tokens, chosen: Tokens) -> Tokens:
    """The first chosen bar whose attributes lie within those of the learnt ones."""
    among, values = (measure(t, BACH, list(ATTRIBUTES)) for t in (learnt, chosen))
    inside = ((values >= among.min(0)) & (values <= among.max(0))).all(1)
    return chosen[inside.argmax()]


def test_chance_is_what_unseen_works_share_with_those_seen(trained: Trained, data: Dataset) -> None:
    bars = len(np.unique(data.splits["test"].bar))
    count = {**data.card["splits"]["test"], "bars": 4 * bars}
    card = {**data.card, "splits": {**data.card["splits"], "test": count}}
    found = prior.judged(data.splits["test"].tokens, trained, replace(data, card=card))
    assert found["known by chance"] == 0.75
    assert found["known"] == 0  # those that are left are unseen


def test_a_form_knows_no_key_but_rests_and_holds() -> None:
    bar = np.full(24, HOLD)
    bar[[0, 6, 12]] = 3, 10, REST
    moved, other = np.where(bar < HOLD, bar + 5, bar), np.where(bar == REST, HOLD, bar)
    first, second, third = prior.forms(np.stack([bar, moved, other]), BACH)
    assert first == second != third
