from __future__ import annotations

import numpy as np
import pytest

from training.data import split
from training.data.bars import Bars, forms, room
from training.data.split import SPLITS


def random_bars(works: int, each: int = 4, kinds: int = 40, seed: int = 0) -> Bars:
    """Bars of two notes; with few kinds, works share some."""
    draw = np.random.default_rng(seed)
    tokens = np.full((works * each, 24), 30, np.uint8)
    tokens[:, 0] = 5
    tokens[:, 12] = draw.integers(0, 30, len(tokens)) % kinds
    return Bars(tokens, np.repeat(np.arange(works, dtype=np.int32), each))


@pytest.mark.parametrize("works", [3, 4, 10, 57])
def test_every_bar_is_on_one_side_with_all_of_its_work(works: int) -> None:
    bars = random_bars(works)
    found = split.by_work(bars, [True] * works, seed=1)
    assert sum(map(len, found.values())) == len(bars)
    sides = [set(found[side].work.tolist()) for side in SPLITS]
    assert all(sides)
    assert set.union(*sides) == set(range(works))
    assert sum(map(len, sides)) == works


def test_works_that_may_not_be_learnt_from_are_test_and_do_not_count_as_held_out() -> None:
    found = split.by_work(random_bars(20), [True] * 10 + [False] * 10, seed=0)
    test = set(found["test"].work.tolist())
    assert set(range(10, 20)) <= test
    assert len(test) == 10 + round(split.HELD_OUT * 10)


def test_no_form_is_on_two_sides_and_training_keeps_what_it_had() -> None:
    found = split.by_work(random_bars(30, kinds=25), [True] * 30, seed=0)
    kept = split.unseen(found)
    of = [set(forms(kept[side].tokens)) for side in SPLITS]
    assert not of[0] & of[1]
    assert not (of[0] | of[1]) & of[2]
    assert kept["train"] is found["train"]
    assert len(kept["test"]) < len(found["test"])


def test_a_bar_met_in_validation_only_is_not_unseen_in_test() -> None:
    bars = random_bars(1)
    none = bars.where(np.zeros(len(bars), np.bool_))
    kept = split.unseen({"train": none, "validation": bars, "test": bars})
    assert len(kept["validation"]) == len(bars)
    assert not len(kept["test"])


def test_rows_are_cut_in_order_and_no_bar_is_torn_apart() -> None:
    bars = random_bars(100, each=10)
    rows = room(bars.tokens)
    found = split.by_rows(bars)
    sizes = [room(found[side].tokens).sum() / rows.sum() for side in SPLITS]
    most = rows.max() / rows.sum()
    assert sizes == pytest.approx([0.70, 0.20, 0.05], abs=2 * most)
    assert np.array_equal(found["train"].tokens, bars.tokens[: len(found["train"])])
    assert np.array_equal(found["test"].tokens, bars.tokens[-len(found["test"]) :])
    together = [found["train"].tokens, found["validation"].tokens]
    assert np.array_equal(np.concatenate(together), bars.tokens[: sum(map(len, together))])


def test_rows_of_nothing_are_nothing() -> None:
    none = random_bars(1).where(np.zeros(4, np.bool_))
    assert all(len(side) == 0 for side in split.by_rows(none).values())
