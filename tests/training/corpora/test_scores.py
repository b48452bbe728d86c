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


def found(abc: str, meter: str = "C") -> tuple[list[Window], dict[str, int]]:
    bars, lines, left_out = windows(part(abc, meter), ("4/4", "2/2"))
    assert len(lines) == len(bars)
    return bars, dict(left_out)


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
