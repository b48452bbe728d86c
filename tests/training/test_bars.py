from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note, Window
from training import bars
from training.bars import BACH, OFF_GRID, OUT_OF_RANGE

ROWS = st.lists(st.lists(st.integers(0, 31), min_size=24, max_size=24), min_size=1, max_size=5)


@given(ROWS)
def test_there_is_room_for_as_many_keys_as_there_are(rows: list[list[int]]) -> None:
    tokens = np.array(rows, np.uint8)
    assert bars.room(tokens).tolist() == [len(bars.keys(row)[1]) for row in tokens]


@given(ROWS)
def test_forms_are_the_form_of_every_row(rows: list[list[int]]) -> None:
    tokens = np.array(rows, np.uint8)
    assert bars.forms(tokens) == [bars.form(row) for row in tokens]


@given(ROWS)
def test_two_bars_have_one_form_exactly_if_one_is_the_other_moved(rows: list[list[int]]) -> None:
    first, *others = np.array(rows, np.uint8)
    every = {row.tobytes() for row in bars.keys(first)[0].astype(np.uint8)}
    for other in (*others, first):
        assert (bars.form(other) == bars.form(first)) == (other.tobytes() in every)


def test_what_does_not_fit_is_counted_by_its_reason() -> None:
    fits = Window.of([Note(0, 60, 3840)])
    late, high = Window.of([Note(100, 60, 860)]), Window.of([Note(0, 85, 960)])
    tokens, left_out = bars.encode([late, fits, high, late])
    assert (tokens == BACH.encode(fits).tokens).all()
    assert tokens.dtype == np.uint8
    assert left_out == {OFF_GRID: 2, OUT_OF_RANGE: 1}


def test_no_bars_are_an_empty_array() -> None:
    tokens, left_out = bars.encode([])
    assert tokens.shape == (0, 24)
    assert not left_out
    assert bars.forms(tokens) == []
    assert bars.room(tokens).tolist() == []
