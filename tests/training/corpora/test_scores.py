"""Scores are written here in ABC, which says in a line what a score would say in a page."""

from __future__ import annotations

from typing import Any

import music21
import pytest

from presets.bar import Note, Window
from training.corpora.scores import CHORDS, NOT_FULL, windows

HEADER = "X:1\nT:none\nM:{meter}\nL:1/4\nK:C\n"


def part(abc: str, meter: str = "C") -> Any:
    return music21.converter.parseData(HEADER.format(meter=meter) + abc, format="abc").parts[0]


def found(abc: str, meter: str = "C", rounds: int = 0) -> tuple[list[Window], dict[str, int]]:
    bars, lines, left_out = windows(part(abc, meter), ("4/4", "2/2"), rounds)
    assert len(lines) == len(bars)
    return bars, dict(left_out)


def lines(abc: str, rounds: int) -> list[float]:
    """The bars at whose beginnings usable ones begin, as they are played."""
    return [line / 3840 for line in windows(part(abc), ("4/4",), rounds)[1]]


def first(abc: str, rounds: int) -> list[int]:
    """The first pitch of every usable bar, as they are played."""
    return [bar.notes[0].pitch for bar in found(abc, rounds=rounds)[0]]


def test_a_full_bar_is_a_window_of_its_notes() -> None:
    bars, left_out = found("CDEF|G4|")
    notes = [Note(0, 60, 960), Note(960, 62, 960), Note(1920, 64, 960), Note(2880, 65, 960)]
    assert bars == [Window.of(notes), Window.of([Note(0, 67, 3840)])]
    assert not left_out


def test_a_pick_up_and_a_repeat_in_mid_bar_are_no_bars() -> None:
    bars, left_out = found("G|CDEF|GGG:|G|CDEF|")
    assert len(bars) == 2
    assert left_out == {NOT_FULL: 3}


def test_repeats_are_not_played_out() -> None:
    assert len(found("|:CDEF|GFED:|G4|")[0]) == 3


def test_a_tune_is_played_with_its_repeats_and_round_again() -> None:
    abc = "|:CDEF|GFED:|A4|"
    assert first(abc, rounds=1) == [60, 67, 60, 67, 69]
    assert first(abc, rounds=2) == 2 * [60, 67, 60, 67, 69]
    assert lines(abc, rounds=1) == [0, 1, 2, 3, 4]


def test_a_strains_last_bar_and_the_pick_up_to_it_are_one_bar() -> None:
    abc = "G|CDEF|GGG:|"
    assert found(abc)[1] == {NOT_FULL: 2}
    bars, left_out = found(abc, rounds=1)
    assert [n.pitch for n in bars[1].notes] == [67, 67, 67, 67]
    assert lines(abc, rounds=1) == [0.25, 1.25, 2.25]
    assert left_out == {NOT_FULL: 2}  # the first pick-up and the last bar
    assert found(abc, rounds=2)[1] == {NOT_FULL: 2}


def test_short_bars_that_make_no_full_one_stay_out() -> None:
    bars, left_out = found("G|CDEF|GG:|", rounds=1)
    assert len(bars) == 2
    assert left_out == {NOT_FULL: 4}


def test_a_note_ties_into_the_bar_that_is_played_after_it() -> None:
    bars, _ = found("|:CDEF|GABc-:|c4|", rounds=1)
    assert bars[-1].notes[0].onset == -960
    assert bars[2].notes[0] == Note(0, 60, 960)  # … and not into the first, to which it goes back


def test_a_meter_belongs_to_a_bar_however_often_it_is_played() -> None:
    changing = music21.converter.parse("tinyNotation: 4/4 c4 d e f 3/4 g f e 4/4 c d e f")
    changing.getElementsByClass("Measure")[1].rightBarline = music21.bar.Repeat(direction="end")
    bars, _, left_out = windows(changing, ("4/4", "2/2"), rounds=2)
    assert len(bars) == 2 * (2 + 1)
    assert left_out == {"bars not in 4/4 or 2/2": 4}


def test_grace_notes_are_dropped() -> None:
    plain, graced = found("CDEF|")[0], found("C{dc}DE{g}F|")[0]
    assert graced == plain


def test_chords_are_left_out_and_chord_names_are_not_chords() -> None:
    bars, left_out = found('[CE]DEF|"Am"CDEF|')
    assert len(bars) == 1
    assert left_out == {CHORDS: 1}


def test_a_tune_that_changes_its_meter_is_taken_bar_by_bar() -> None:
    changing = "tinyNotation: 4/4 c4 d e f 3/4 c d e f e d 4/4 c d e f"
    bars, lines, left_out = windows(music21.converter.parse(changing), ("4/4", "2/2"))
    assert len(bars) == 2
    assert lines == [0, 3840 + 2 * 2880]
    assert left_out == {"bars not in 4/4 or 2/2": 2}


@pytest.mark.parametrize("meter", ["C", "C|", "2/2", "4/4"])
def test_what_lasts_four_quarters_counts(meter: str) -> None:
    assert len(found("CDEF|GFED|", meter)[0]) == 2


def test_a_tie_is_one_note_from_before_in_the_next_bar() -> None:
    bars, _ = found("CDEF-|F2G2|")
    assert bars[1].notes[0] == Note(-960, 65, 960 + 1920)
    assert [n.pitch for n in bars[1].notes] == [65, 67]


def test_triplets_are_exact_ticks() -> None:
    bars, _ = found("(3CDE F2-|F4|")
    assert [n.onset for n in bars[0].notes] == [0, 640, 1280, 1920]
