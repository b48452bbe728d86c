from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note, Window
from training import bars
from training.bars import BACH, OFF_GRID, OUT_OF_RANGE, TWO

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


MELODY = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 30), st.integers(55, 84)))


@given(MELODY)
def test_two_bars_that_follow_each_other_are_a_window_of_two(melody: list[tuple[int, ...]]) -> None:
    ticks, notes, step = TWO.grid.ticks, list[Note](), 0
    for silence, length, pitch in melody:
        onset, end = min(step + silence, 48), min(step + silence + length, 48)
        notes += [Note(ticks[onset], pitch, ticks[end] - ticks[onset])] if onset < end else []
        step = end
    halves = [
        Window.of(n.moved(-line) for n in notes if n.end > line and n.onset < line + 3840)
        for line in (0, 3840)
    ]
    single = bars.stack([BACH.encode(half).tokens for half in halves])
    found = bars.pairs(single, np.array([0, 3840]))
    expected = TWO.encode(Window.of(notes, bars=2)).tokens
    assert found[0].tolist() == expected.tolist()


def test_bars_that_do_not_follow_each_other_are_no_pair() -> None:
    tokens = np.arange(4 * 24, dtype=np.uint8).reshape(4, 24) % 30
    found = bars.pairs(tokens, np.array([0, 3840, 9600, 13440]))
    assert found.tolist() == [[*tokens[0], *tokens[1]], [*tokens[2], *tokens[3]]]
    assert bars.pairs(tokens[:0], np.zeros(0, np.int64)).shape == (0, 48)


def test_no_bars_are_an_empty_array() -> None:
    tokens, lines, left_out = bars.encode([], [])
    assert lines.shape == (0,)
    assert tokens.shape == (0, 24)
    assert not left_out
    assert bars.forms(tokens) == []
    assert bars.room(tokens).tolist() == []
