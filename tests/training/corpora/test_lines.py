"""Sixteenths of real scores."""

from __future__ import annotations

import music21
import numpy as np
import pytest

from training.corpora import bach
from training.corpora.lines import Line, line
from training.data import phrases, spelling
from training.data.spelling import HOLD, REST


def part(text: str) -> music21.stream.Stream:
    return music21.converter.parse(f"tinynotation: 4/4 {text}")


def words(found: Line) -> str:
    signs = {HOLD: "-", REST: "r"}
    return " ".join(signs.get(int(s)) or spelling.symbol(int(s)) for s in found.steps)


def test_onsets_holds_and_rests() -> None:
    found = line("x", part("b-8 f#16 r16 r8 e-8"))
    assert words(found) == "Bb4 - F#4 r - - Eb4 -"
    assert found.clean.all()


def test_a_tie_is_one_note_and_a_repeated_note_is_two() -> None:
    assert words(line("x", part("c4~ c8 c8"))) == "C4 - - - - - C4 -"


def test_what_lies_off_the_sixteenths_is_not_clean() -> None:
    found = line("x", part("c4 trip{d8 e8 f8} g4"))
    assert found.clean.tolist() == [True] * 4 + [False] * 4 + [True] * 4


def test_no_part_is_an_empty_line() -> None:
    assert len(line("x", None)) == 0


def test_grace_notes_are_dropped_and_chords_are_not_clean() -> None:
    stream = music21.stream.Part()
    stream.append(music21.note.Note("C4", quarterLength=1))
    stream.append(music21.note.Note("D4", quarterLength=1).getGrace())
    stream.append(music21.chord.Chord(["E4", "G4"], quarterLength=1))
    found = line("x", stream)
    assert words(found) == "C4 - - - - - - -"
    assert found.clean.tolist() == [True] * 4 + [False] * 4


@pytest.fixture(scope="module")
def chorales() -> list[Line]:
    return list(bach.lines(["bwv347", "bwv269", "bwv10.7"]))


def test_a_chorale_is_its_soprano_whatever_the_meter(chorales: list[Line]) -> None:
    assert [found.name for found in chorales] == ["bwv347", "bwv269", "bwv10.7"]
    for found in chorales:
        assert len(found) > 100
        assert found.clean.all()
        pitches = found.steps[found.steps >= 0] // spelling.PITCH
        assert pitches.min() >= phrases.LOW
        assert pitches.max() <= phrases.HIGH


def test_names_are_as_they_are_written(chorales: list[Line]) -> None:
    """bwv347 is in A major: sharps alone."""
    names = {spelling.symbol(int(s)) for s in chorales[0].steps if s >= 0}
    assert any("#" in name for name in names)
    assert not any("b" in name for name in names)


def test_transposed_by_music21_the_names_are_the_same(chorales: list[Line]) -> None:
    soprano = bach._soprano(bach._score("bwv347"))
    for semitones in (-3, 1, 4, 6, 13):
        kind, letters = music21.interval.convertSemitoneToSpecifierGeneric(semitones)
        by = music21.interval.Interval(f"{kind}{letters}")
        theirs = line("bwv347", soprano.transpose(by))
        assert np.array_equal(spelling.moved(chorales[0].steps, semitones), theirs.steps)
