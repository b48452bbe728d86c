"""A move is applied to the played notes: what the model did not change stays as it was played."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note, Window, without_overlaps
from presets.edit import full, residual
from presets.encoding import Encoding, Grid, Vocabulary

LOW, HIGH = 55, 84
GRID = Grid(tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4")))
BACH = Encoding(GRID, Vocabulary.midi(LOW, HIGH))
HOLD, SILENCE = BACH.vocabulary.hold, BACH.vocabulary.rest
TOKENS = st.lists(
    st.sampled_from([HOLD, HOLD, HOLD, SILENCE]) | st.integers(0, 31), min_size=24, max_size=24
)


@st.composite
def playing(draw: st.DrawFn) -> Window:
    """Anything a hand may do, with one note per key."""
    note = st.builds(
        Note,
        st.integers(-2000, 3720),
        st.integers(50, 90),
        st.integers(1, 3000),
        st.integers(1, 127),
    )
    return Window.of(without_overlaps(draw(st.lists(note, max_size=12))))


@st.composite
def voices(draw: st.DrawFn, touch: int) -> Window:
    """One voice whose notes keep to their steps; onsets lie up to `touch` ticks off the line."""
    cuts = draw(st.sets(st.integers(1, 23), max_size=12))
    notes: list[Note] = []
    for first, after in pairwise([0, *sorted(cuts), 24]):
        pitch = draw(st.none() | st.integers(LOW, HIGH))
        onset = -300 if first == 0 and draw(st.booleans()) else GRID.ticks[first]
        onset += draw(st.integers(0, touch)) if onset >= 0 else 0
        if pitch is not None:
            notes.append(Note(onset, pitch, GRID.ticks[after] - onset, draw(st.integers(1, 127))))
    return Window.of(notes)


def line(*notes: tuple[int, int]) -> list[int]:
    """Tokens of (step, pitch) onsets; 0 for a pitch is a rest."""
    tokens = [HOLD] * 24
    for step, pitch in notes:
        tokens[step] = pitch - LOW if pitch else SILENCE
    return tokens


def placed(window: Window) -> list[tuple[int, int, int]]:
    return [(n.onset, n.pitch, n.end) for n in window.notes]


# What must hold for any playing and any model


@given(playing(), TOKENS)
def test_nothing_moved_is_nothing_changed(window: Window, tokens: list[int]) -> None:
    assert residual(window, BACH.encode(window), tokens, list(tokens), BACH) is window


@given(playing(), TOKENS, TOKENS)
def test_every_result_can_be_played(window: Window, before: list[int], after: list[int]) -> None:
    encoded = BACH.encode(window)
    for heard in (
        residual(window, encoded, before, after, BACH),
        full(window, encoded, after, BACH),
    ):
        keys: dict[int, list[Note]] = defaultdict(list)
        for note in heard.notes:
            keys[note.pitch].append(note)
        assert all(a.end <= b.onset for key in keys.values() for a, b in pairwise(key))
        assert all(n.duration > 0 and 0 <= n.pitch <= 127 for n in heard.notes)
        assert all(1 <= n.velocity <= 127 for n in heard.notes)
        played = {n.onset for n in window.notes}
        assert all(n.onset in played or 0 <= n.onset < window.length for n in heard.notes)
        assert (heard.bars, heard.meter) == (window.bars, window.meter)


@given(voices(touch=60), TOKENS, TOKENS)
def test_a_note_that_the_model_left_alone_is_the_played_one(
    window: Window, before: list[int], after: list[int]
) -> None:
    encoded = BACH.encode(window)
    heard = residual(window, encoded, before, after, BACH)
    was, will = BACH.states(before), BACH.states(after)
    same = [
        was.pitch[t] == will.pitch[t] and (was.start[t] == t) == (will.start[t] == t)
        for t in range(24)
    ] + [True]
    for held in encoded.line:
        if all(same[max(held.step, 0) : held.until + 1]):  # to the step that ends it
            assert held.note in heard.notes


@given(voices(touch=0), TOKENS)
def test_where_the_model_hears_perfectly_the_residual_is_its_answer(
    window: Window, after: list[int]
) -> None:
    encoded = BACH.encode(window)
    heard = residual(window, encoded, encoded.tokens, after, BACH)
    if encoded.line:
        answer = [(n.onset, n.pitch, n.end) for n in BACH.notes(after)]
        assert [n for n in placed(heard) if n[0] >= 0] == answer


@given(voices(touch=0))
def test_full_plays_what_was_decoded_and_keeps_the_hand(window: Window) -> None:
    encoded = BACH.encode(window)
    assert full(window, encoded, encoded.tokens, BACH) == window


@given(playing(), TOKENS, TOKENS)
def test_the_lower_notes_travel(window: Window, before: list[int], after: list[int]) -> None:
    encoded = BACH.encode(window)
    heard = residual(window, encoded, before, after, BACH)
    starts = {(n.onset, n.pitch) for n in heard.notes}
    assert all((n.onset, n.pitch) in starts for n in encoded.lower)


@given(playing().filter(lambda window: not BACH.encode(window).line), TOKENS, TOKENS)
def test_rests_are_answered_by_rests(window: Window, before: list[int], after: list[int]) -> None:
    encoded = BACH.encode(window)
    assert residual(window, encoded, before, after, BACH) is window
    assert full(window, encoded, after, BACH) is window


# The rules one by one

PLAYED = Window.of([Note(13, 60, 900, 90), Note(950, 64, 900, 70), Note(1930, 67, 1850, 50)])
ENCODED = BACH.encode(PLAYED)


def test_where_both_strike_the_played_note_moves_by_the_interval() -> None:
    before = line((0, 62), (6, 64), (12, 65))  # the reconstruction need not be what was played
    after = line((0, 62), (6, 67), (12, 65))
    heard = residual(PLAYED, ENCODED, before, after, BACH)
    first, second, third = PLAYED.notes
    assert heard.notes == (first, replace(second, pitch=67), third)


def test_a_note_that_the_model_adds_takes_the_nearest_velocity() -> None:
    after = line((0, 60), (4, 62), (6, 64), (12, 67))
    heard = residual(PLAYED, ENCODED, ENCODED.tokens, after, BACH)
    assert heard.notes[:2] == (Note(13, 60, 627, 90), Note(640, 62, 310, 70))
    assert heard.notes[2:] == PLAYED.notes[1:]


def test_a_note_that_the_model_takes_away_is_held_over() -> None:
    heard = residual(PLAYED, ENCODED, ENCODED.tokens, line((0, 60), (12, 67)), BACH)
    assert placed(heard)[0] == (13, 60, 1920)
    assert heard.notes[1:] == PLAYED.notes[2:]


def test_a_rest_that_the_model_makes_cuts_the_played_note() -> None:
    after = line((0, 60), (3, 0), (6, 64), (12, 67))
    heard = residual(PLAYED, ENCODED, ENCODED.tokens, after, BACH)
    assert placed(heard)[0] == (13, 60, 480)


def test_a_hold_whose_note_is_gone_continues_what_sounds() -> None:
    before = line((0, 60), (6, 64), (9, 64), (12, 67))
    after = line((0, 60), (6, 62), (9, 64), (12, 67))  # only 6 to 8 change
    heard = residual(PLAYED, ENCODED, before, after, BACH)
    assert placed(heard)[1] == (950, 62, 1850)


@pytest.mark.parametrize("octaves", [-2, 2])
def test_an_answer_comes_back_in_the_octave_that_was_played(octaves: int) -> None:
    away = Window.of(replace(n, pitch=n.pitch + 12 * octaves) for n in PLAYED.notes)
    encoded = BACH.encode(away)
    after = [t + 2 if t < 28 else t for t in encoded.tokens]
    moved = [n.pitch + 2 for n in away.notes]
    assert [n.pitch for n in residual(away, encoded, encoded.tokens, after, BACH).notes] == moved
    assert [n.pitch for n in full(away, encoded, after, BACH).notes] == moved


def test_a_note_from_before_is_not_struck_again() -> None:
    window = Window.of([Note(-960, 60, 1920, 80), Note(960, 62, 960, 80)])
    encoded = BACH.encode(window)
    after = list(encoded.tokens)
    after[6] = 65 - LOW
    heard = residual(window, encoded, encoded.tokens, after, BACH)
    assert heard.notes == (window.notes[0], replace(window.notes[1], pitch=65))
    assert full(window, encoded, after, BACH).notes[0] == window.notes[0]


def test_a_note_from_before_that_the_model_strikes_is_struck() -> None:
    window = Window.of([Note(-960, 60, 1920, 80), Note(960, 62, 960, 80)])
    encoded = BACH.encode(window)
    after = list(encoded.tokens)
    after[0] = 64 - LOW
    heard = residual(window, encoded, encoded.tokens, after, BACH)
    assert placed(heard)[0] == (0, 64, 960)
