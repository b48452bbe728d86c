from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data import spelling
from training.data.spelling import HOLD, PITCH, REST

C4, E4, B_FLAT_4, F_SHARP_4 = map(spelling.read, ("C4", "E4", "Bb4", "F#4"))

names = st.builds(
    lambda letter, raised, octave: spelling.read(f"{letter}{'#' * raised}{'b' * -raised}{octave}"),
    st.sampled_from("CDEFGAB"),
    st.integers(-2, 2),
    st.integers(2, 6),
)


@pytest.mark.parametrize(
    ("text", "pitch"),
    [("C4", 60), ("B#3", 60), ("Dbb4", 60), ("A4", 69), ("Cb5", 71), ("F##5", 79), ("C-1", 0)],
)
def test_a_name_is_its_key_and_its_letter(text: str, pitch: int) -> None:
    name = spelling.read(text)
    assert name // PITCH == pitch
    assert spelling.symbol(name) == text


def test_a_written_note_is_told_by_letter_octave_and_key() -> None:
    assert spelling.code("B", 3, 60) == spelling.read("B#3")  # written in the third octave
    assert spelling.code("B", 4, 70) == B_FLAT_4


@given(names)
def test_names_are_read_as_they_are_written(name: int) -> None:
    assert spelling.read(spelling.symbol(name)) == name


@pytest.mark.parametrize(
    ("name", "semitones", "moved"),
    [
        ("C4", 1, "Db4"),
        ("C4", 6, "Gb4"),
        ("C4", -1, "B3"),
        ("C4", -6, "F#3"),  # a diminished fifth down
        ("F#4", 1, "G4"),
        ("Bb4", 6, "Fb5"),
        ("E4", 3, "G4"),
        ("E4", 15, "G5"),
        ("G#4", 4, "B#4"),
    ],
)
def test_intervals_keep_the_spelling(name: str, semitones: int, moved: str) -> None:
    found = spelling.moved(np.array([spelling.read(name)]), semitones)
    assert spelling.symbol(int(found[0])) == moved


@given(names, st.integers(-14, 14))
def test_every_interval_moves_the_key_by_its_semitones_and_back(name: int, semitones: int) -> None:
    there = spelling.moved(np.array([name]), semitones)
    assert there[0] // PITCH == name // PITCH + semitones
    assert spelling.moved(there, -semitones)[0] == name


@given(st.lists(names, min_size=2, max_size=6), st.integers(-14, 14))
def test_letters_stay_as_far_apart_as_they_were(melody: list[int], semitones: int) -> None:
    before = np.array(melody)
    after = spelling.moved(before, semitones)
    assert (np.diff(after) == np.diff(before)).all()


def test_holds_and_rests_stay() -> None:
    assert spelling.moved(np.array([HOLD, REST]), 5).tolist() == [HOLD, REST]


def test_a_vocabulary_names_every_key_and_prefers_what_is_written() -> None:
    sharp, flat = spelling.read("A#4"), B_FLAT_4
    words = spelling.vocabulary({flat: 5, sharp: 2, E4: 1}, 64, 71)
    assert words.symbols[-2:] == ("hold", "rest")
    assert (words.hold, words.rest) == (len(words.symbols) - 2, len(words.symbols) - 1)
    assert {"A#4", "Bb4", "E4"} < set(words.symbols)
    spelled = {pitch: words.symbols[token] for pitch, token in words.token_of.items()}
    assert spelled[70] == "Bb4"
    assert spelled[66] == "F#4"  # never written: the sharp one
    assert sorted(spelled) == list(range(64, 72))
    assert list(words.pitches[:-2]) == sorted(words.pitches[:-2])


def test_tokens_and_codes_are_each_others_inverse_and_a_missing_name_is_told() -> None:
    words = spelling.vocabulary({B_FLAT_4: 1, F_SHARP_4: 1}, 60, 71)
    known = spelling.codes(words)
    assert spelling.tokens(known, words).tolist() == list(range(len(words.symbols)))
    assert spelling.tokens(np.array([[spelling.read("Gb4"), HOLD]]), words).tolist() == [
        [-1, words.hold]
    ]


def test_tokens_move_by_a_table() -> None:
    words = spelling.vocabulary({C4: 1, spelling.read("Db4"): 1}, 60, 62)
    table = spelling.in_keys(words, np.array([0, 1, 2]))
    c = words.symbols.index("C4")
    assert [words.symbols[t] for t in table[:, c]] == ["C4", "Db4", "D4"]
    assert table[2, words.symbols.index("D4")] == -1
    assert (table[:, words.hold] == words.hold).all()
    assert (table[:, words.rest] == words.rest).all()
