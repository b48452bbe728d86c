"""Every bar is one whole note, told apart by its pitch."""

from __future__ import annotations

import music21
import pytest

from training.corpora import repeats


def played(bars: str) -> str:
    """The bars of a tune in ABC, such as "|:C4|D4:|", in the order in which they are played."""
    part = music21.converter.parseData(f"X:1\nM:C\nL:1/4\nK:C\n{bars}", format="abc").parts[0]
    measures = list(part.getElementsByClass("Measure"))
    names = [note.pitch.step for measure in measures for note in measure.notes]
    return "".join(names[at] for at in repeats.order(measures))


@pytest.mark.parametrize(
    ("bars", "order"),
    [
        ("C4|D4|E4|F4|", "CDEF"),
        ("C4|D4|E4|F4:|", "CDEFCDEF"),
        ("C4|:D4|E4:|F4|", "CDEDEF"),
        ("C4|D4:|E4|F4:|", "CDCDEFEF"),
        ("C4|:D4|E4:|F4|:G4|A4:|B4|", "CDEDEFGAGAB"),
        ("|:C4|1D4:|2E4||F4|", "CDCEF"),
        ("|:C4|1D4|E4:|2F4|G4||A4:|", "CDECFGAGA"),
        ("|:C4|1D4:|2E4|:F4:|G4|", "CDCEFFG"),
    ],
)
def test_what_is_repeated_comes_again_with_its_next_ending(bars: str, order: str) -> None:
    assert played(bars) == order


def test_there_may_be_more_than_two_endings_and_one_for_several_turns() -> None:
    score = music21.converter.parse("tinyNotation: 4/4 c1 d1 e1 f1 g1")
    measures = list(score.getElementsByClass("Measure"))
    for number, end in (("1, 3", 1), ("2", 2), ("4", 3)):
        score.insert(0, music21.spanner.RepeatBracket(measures[end], number=number))
    for end in (1, 2):
        measures[end].rightBarline = music21.bar.Repeat(direction="end")
    names = "CDEFG"
    assert "".join(names[at] for at in repeats.order(measures)) == "CDCECDCFG"


def test_nothing_is_played_of_nothing() -> None:
    assert repeats.order([]) == []
