"""Windows become tokens and come back; every step knows what it does."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Meter, Note, Window
from presets.encoding import BEFORE, REST, Encoding, Grid, Vocabulary

UNEVEN = Grid(tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4")))
SIXTEENTHS = Grid(tuple(Fraction(i, 4) for i in range(4)), bars=2)
JIG = Grid((Fraction(0), Fraction(1, 2)), meter=Meter(6, 8))
GRIDS = st.sampled_from([UNEVEN, SIXTEENTHS, JIG])

LOW, HIGH = 55, 84
BACH = Encoding(UNEVEN, Vocabulary.midi(LOW, HIGH))
HOLD, SILENCE = BACH.vocabulary.hold, BACH.vocabulary.rest


def token(pitch: int) -> int:
    return pitch - LOW


@st.composite
def melodies(draw: st.DrawFn, grid: Grid, low: int = LOW, high: int = HIGH) -> Window:
    """One voice exactly on the grid; it may begin before the window and ring on after it."""
    cuts = draw(st.sets(st.integers(1, grid.steps - 1), max_size=grid.steps - 1))
    notes: list[Note] = []
    for first, after in pairwise([0, *sorted(cuts), grid.steps]):
        pitch = draw(st.none() | st.integers(low, high))
        if pitch is None:
            continue
        onset, end = grid.ticks[first], grid.ticks[after]
        if first == 0 and draw(st.booleans()):
            onset = -draw(st.integers(grid.length - grid.ticks[-2], 4000))
        if after == grid.steps:
            end += draw(st.integers(0, 4000))
        notes.append(Note(onset, pitch, end - onset, draw(st.integers(1, 127))))
    return Window.of(notes, grid.bars, grid.meter)


def struck(window: Window) -> list[tuple[int, int, int]]:
    """What the window strikes: onset, pitch, and end, which is the window's at the latest."""
    return [(n.onset, n.pitch, min(n.end, window.length)) for n in window.notes if n.onset >= 0]


# The grid


def test_uneven_steps_lie_where_the_fractions_say() -> None:
    assert UNEVEN.ticks[:7] == (0, 240, 320, 480, 640, 720, 960)
    assert (UNEVEN.steps, UNEVEN.length, UNEVEN.ticks[-1]) == (24, 3840, 3840)
    assert (JIG.steps, JIG.ticks) == (12, (*range(0, 2880, 240), 2880))


@pytest.mark.parametrize(
    ("tick", "step"),
    [(-121, -1), (-120, 0), (0, 0), (119, 0), (120, 1), (279, 1), (281, 2), (3719, 23), (3720, 24)],
)
def test_half_a_step_early_belongs_to_the_step_that_comes(tick: int, step: int) -> None:
    assert UNEVEN.nearest(tick) == step


def test_a_window_closes_half_its_last_step_before_its_end() -> None:
    assert UNEVEN.lead == 120  # 62 ms at 120 BPM
    assert UNEVEN.nearest(UNEVEN.length - UNEVEN.lead) == UNEVEN.steps


@given(GRIDS, st.integers(0, 8000))
def test_the_line_from_a_tick_is_the_first_that_is_not_before_it(grid: Grid, tick: int) -> None:
    line = grid.line_from(tick)
    assert line in grid.ticks
    assert line == min((t for t in grid.ticks if t >= tick), default=grid.length)


@given(GRIDS, st.integers(0, 3000))
def test_off_grid_is_the_distance_to_the_nearest_line(grid: Grid, tick: int) -> None:
    tick %= grid.length
    assert grid.off_grid(tick) == min(abs(tick - line) for line in grid.ticks)


# The vocabulary


def test_a_keyboard_vocabulary_names_its_keys() -> None:
    words = BACH.vocabulary
    assert (words.symbols[0], words.symbols[5], words.symbols[-2:]) == (
        "G3",
        "C4",
        ("hold", "rest"),
    )
    assert (words.low, words.high, len(words.symbols)) == (LOW, HIGH, 32)


def test_a_spelled_vocabulary_writes_the_spelling_that_it_was_given() -> None:
    words = Vocabulary(("C#4", "Db4", "hold", "rest"), (61, 61, None, None), 2, 3)
    assert words.token_of == {61: 0}
    assert replace(words, spelling={61: 1}).token_of == {61: 1}
    flat = Encoding(JIG, replace(words, spelling={61: 1}))
    tokens = flat.encode(Window((Note(0, 61, 240),), meter=JIG.meter)).tokens
    assert tokens.tolist() == [1, 3, *[2] * 10]
    assert flat.notes([0, 3, *[2] * 10])[0].pitch == flat.notes(tokens)[0].pitch == 61


# There and back


@given(st.data(), GRIDS)
def test_a_voice_on_the_grid_survives(data: st.DataObject, grid: Grid) -> None:
    encoding = Encoding(grid, Vocabulary.midi(LOW, HIGH))
    window = data.draw(melodies(grid))
    encoded = encoding.encode(window)
    heard = [(n.onset, n.pitch, n.end) for n in encoding.notes(encoded.tokens)]
    assert heard == struck(window)
    assert (encoded.shift, encoded.folded, encoded.lower, encoded.off_grid) == (0, 0, (), 0.0)
    assert tuple(held.note for held in encoded.line) == window.notes


@given(st.data(), GRIDS)
def test_a_note_from_before_sounds_until_it_ends(data: st.DataObject, grid: Grid) -> None:
    encoding = Encoding(grid, Vocabulary.midi(LOW, HIGH))
    window = data.draw(melodies(grid).filter(lambda w: w.notes and w.notes[0].onset < 0))
    states = encoding.states(encoding.encode(window).tokens)
    until = grid.nearest(min(window.notes[0].end, grid.length))
    assert states.pitch[:until] == [BEFORE] * until
    assert BEFORE not in states.pitch[until:]


@given(st.data(), st.integers(-4, 5))
def test_what_lies_out_of_range_is_folded_in_and_comes_back_out(
    data: st.DataObject, octaves: int
) -> None:
    window = data.draw(melodies(UNEVEN, 60, 67))
    window = replace(
        window, notes=tuple(replace(n, pitch=n.pitch + 12 * octaves) for n in window.notes)
    )
    encoded = BACH.encode(window)
    heard = [(n.onset, n.pitch - encoded.shift, n.end) for n in BACH.notes(encoded.tokens)]
    assert heard == struck(window)
    assert encoded.folded == 0


@given(melodies(UNEVEN, 0, 127))
def test_a_line_wider_than_the_range_keeps_its_names(window: Window) -> None:
    encoded = BACH.encode(window)
    inside = [n.pitch for n in BACH.notes(encoded.tokens)]
    assert [p % 12 for p in inside] == [pitch % 12 for _, pitch, _ in struck(window)]
    moved = [pitch + encoded.shift for _, pitch, _ in struck(window)]
    assert encoded.folded == sum(a != b for a, b in zip(inside, moved, strict=True))


@given(st.data(), GRIDS)
def test_any_tokens_can_be_heard_and_are_settled_after_once(
    data: st.DataObject, grid: Grid
) -> None:
    encoding = Encoding(grid, Vocabulary.midi(LOW, HIGH))
    symbols = st.integers(0, len(encoding.vocabulary.symbols) - 1)
    tokens = data.draw(st.lists(symbols, min_size=grid.steps, max_size=grid.steps))
    notes = encoding.notes(tokens)
    settled = encoding.encode(Window.of(notes, grid.bars, grid.meter)).tokens
    assert encoding.notes(settled) == notes
    again = encoding.encode(Window.of(encoding.notes(settled), grid.bars, grid.meter)).tokens
    assert np.array_equal(again, settled)


@given(st.lists(st.integers(0, 31), min_size=24, max_size=24))
def test_states_follow_the_tokens_step_by_step(tokens: list[int]) -> None:
    states = BACH.states(tokens)
    for step, symbol in enumerate(tokens):
        before = (states.pitch[step - 1], states.start[step - 1]) if step else (BEFORE, -1)
        expected = {HOLD: before, SILENCE: (REST, -1)}.get(symbol, (symbol + LOW, step))
        assert (states.pitch[step], states.start[step]) == expected


# What a hand does


def test_the_top_line_goes_to_the_model_and_the_rest_travels() -> None:
    bass, chord = Note(0, 55, 3840), (Note(3, 60, 900), Note(0, 64, 900), Note(5, 67, 900))
    answer = Note(960, 59, 900)
    encoded = BACH.encode(Window.of([bass, *chord, answer]))
    assert encoded.tokens[[0, 6]].tolist() == [token(67), token(59)]
    assert set(encoded.lower) == {bass, *chord[:2]}


def test_a_higher_note_cuts_the_line_and_a_lower_one_does_not() -> None:
    long, lower, higher = Note(0, 64, 1920), Note(480, 60, 240), Note(960, 72, 480)
    encoded = BACH.encode(Window.of([long, lower, higher]))
    assert [(n.step, n.until, n.note) for n in encoded.line] == [(0, 6, long), (6, 9, higher)]
    assert encoded.lower == (lower,)


def test_a_short_silence_is_a_touch_and_a_longer_one_a_rest() -> None:
    window = Window.of([Note(0, 60, 600), Note(960, 62, 600)])
    assert BACH.encode(window).tokens[4] == SILENCE
    legato = BACH.encode(window, legato=480)
    assert legato.tokens[:7].tolist() == [token(60), *[HOLD] * 5, token(62)]
    assert legato.tokens[10] == SILENCE  # nothing follows soon enough
    assert [n.note for n in legato.line] == list(window.notes)  # the played notes stay short


def test_legato_has_nothing_to_close_in_silence() -> None:
    assert BACH.encode(Window(()), legato=480).tokens.tolist() == [SILENCE, *[HOLD] * 23]


def test_distance_from_the_grid_is_a_share_of_a_beat() -> None:
    window = Window.of([Note(-24, 60, 400), Note(980, 62, 400), Note(-500, 64, 300)])
    assert BACH.encode(window).off_grid == pytest.approx((24 + 20) / 2 / 960)


@given(
    st.lists(
        st.builds(
            Note,
            st.integers(-4000, 4000),
            st.integers(0, 127),
            st.integers(1, 6000),
            st.integers(1, 127),
        ),
        max_size=16,
        unique=True,
    ),
    st.integers(0, 480),
)
def test_any_playing_can_be_encoded(notes: list[Note], legato: int) -> None:
    window = Window.of(notes)
    encoded = BACH.encode(window, legato)
    assert encoded.tokens.shape == (24,)
    assert set(encoded.lower) | {n.note for n in encoded.line} == set(notes)
    assert all(a.until <= b.step for a, b in pairwise(encoded.line))
    assert all(max(n.step, 0) < n.until <= 24 for n in encoded.line)
    onsets = {n.step for n in encoded.line if n.step >= 0}
    assert {t for t, s in enumerate(BACH.states(encoded.tokens).start) if s == t} == onsets
