from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note, Window
from presets.encoding import Encoding
from training.data import bars
from training.data.bars import BACH, MELODY, OFF_GRID, OUT_OF_RANGE, SIXTEENTHS, TWO

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
    tokens, lines, left_out = bars.encode([late, fits, high, late], range(4))
    assert lines.tolist() == [1]
    assert (tokens == BACH.encode(fits).tokens).all()
    assert tokens.dtype == np.uint8
    assert left_out == {OFF_GRID: 2, OUT_OF_RANGE: 1}


NOTES = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 30), st.integers(55, 84)))


@pytest.mark.parametrize(("bar", "whole"), [(BACH, TWO), (SIXTEENTHS, MELODY)])
@given(melody=NOTES)
def test_bars_that_follow_each_other_are_one_window(
    bar: Encoding, whole: Encoding, melody: list[tuple[int, ...]]
) -> None:
    grid, notes, step = whole.grid, list[Note](), 0
    for silence, length, pitch in melody:
        onset, end = min(step + silence, grid.steps), min(step + silence + length, grid.steps)
        duration = grid.ticks[end] - grid.ticks[onset]
        notes += [Note(grid.ticks[onset], pitch, duration)] if duration else []
        step = end
    lines = np.arange(grid.bars) * 3840
    parts = [
        Window.of(n.moved(-line) for n in notes if n.end > line and n.onset < line + 3840)
        for line in lines.tolist()
    ]
    single, kept, left_out = bars.encode(parts, lines.tolist(), bar)
    assert not left_out
    found = bars.runs(single, kept, grid.bars)
    expected = whole.encode(Window.of(notes, bars=grid.bars)).tokens
    assert found.tolist() == [expected.tolist()]


def test_bars_that_do_not_follow_each_other_are_no_window() -> None:
    tokens = np.arange(4 * 24, dtype=np.uint8).reshape(4, 24) % 30
    found = bars.runs(tokens, np.array([0, 3840, 9600, 13440]), 2)
    assert found.tolist() == [[*tokens[0], *tokens[1]], [*tokens[2], *tokens[3]]]
    assert bars.runs(tokens, np.array([0, 3840, 9600, 13440]), 3).shape == (0, 72)
    assert bars.runs(tokens[:0], np.zeros(0, np.int64), 2).shape == (0, 48)


def test_a_run_goes_by_every_line_in_it() -> None:
    """The one in the middle lies elsewhere, though the last is as far from the first as it is."""
    tokens = np.arange(3 * 24, dtype=np.uint8).reshape(3, 24) % 30
    assert len(bars.runs(tokens, np.array([0, 1 << 31, 7680]), 3)) == 0
    assert len(bars.runs(tokens, np.array([0, 3840, 7680]), 3)) == 1
    assert bars.runs(tokens, np.array([0, 1, 2]), 1).tolist() == tokens.tolist()


def test_no_bars_are_an_empty_array() -> None:
    tokens, lines, left_out = bars.encode([], [])
    assert lines.shape == (0,)
    assert tokens.shape == (0, 24)
    assert not left_out
    assert bars.forms(tokens) == []
    assert bars.room(tokens).tolist() == []
