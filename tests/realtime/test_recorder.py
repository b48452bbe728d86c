"""Cutting windows out of what was played. The grid is the papers' 24 steps: half a step is 120."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note
from presets.encoding import Grid
from realtime.events import Gesture, NoteOff, NoteOn
from realtime.recorder import HISTORY, MAX_NOTES, Recorder

GRID = Grid(tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4")))
BAR, LEAD = 3840, 120


def recorder(*notes: Note) -> Recorder:
    taking = Recorder(GRID)
    for note in notes:
        taking.note_on(NoteOn(note.onset, note.pitch, note.velocity))
        taking.note_off(NoteOff(note.end, note.pitch))
    return taking


def taken(start: int, *notes: Note) -> list[Note]:
    return list(recorder(*notes).take(start).window.notes)


def test_a_window_holds_its_notes_from_its_own_start() -> None:
    assert taken(BAR, Note(BAR + 10, 60, 500, 99)) == [Note(10, 60, 500, 99)]


def test_notes_of_other_windows_stay_out() -> None:
    assert taken(BAR, Note(0, 60, 500), Note(2 * BAR, 62, 500)) == []


@pytest.mark.parametrize(("onset", "window"), [(BAR - LEAD, 1), (BAR - LEAD - 1, 0)])
def test_half_a_step_early_is_the_next_window(onset: int, window: int) -> None:
    short = Note(onset, 60, 30)
    assert taken(window * BAR, short) == [short.moved(-window * BAR)]
    assert taken((1 - window) * BAR, short) == []


def test_a_tied_note_is_in_both_windows_and_begins_before_the_second() -> None:
    tied = Note(BAR - 1000, 60, 2000)
    assert taken(0, tied) == [tied]
    assert taken(BAR, tied) == [Note(-1000, 60, 2000)]


def test_a_note_that_ends_on_the_line_is_not_tied() -> None:
    assert taken(BAR, Note(0, 60, BAR)) == []


def test_a_held_note_lasts_to_the_end_and_leaves_the_window_open() -> None:
    holding = Recorder(GRID)
    holding.note_on(NoteOn(100, 60, 80))
    first = holding.take(0)
    assert (list(first.window.notes), first.open) == ([Note(100, 60, BAR - 100, 80)], True)
    second = holding.take(BAR)
    assert list(second.window.notes) == [Note(100 - BAR, 60, 2 * BAR - 100, 80)]


def test_a_note_held_since_the_lead_leaves_the_window_before_it_closed() -> None:
    holding = Recorder(GRID)
    holding.note_on(NoteOn(BAR - 60, 60, 80))
    assert not holding.take(0).open


def test_a_key_struck_twice_without_release_is_two_notes() -> None:
    twice = Recorder(GRID)
    twice.note_on(NoteOn(0, 60, 80))
    twice.note_on(NoteOn(960, 60, 90))
    twice.note_off(NoteOff(1920, 60))
    twice.note_off(NoteOff(1930, 60))
    assert list(twice.take(0).window.notes) == [Note(0, 60, 960, 80), Note(960, 60, 960, 90)]


def test_channels_do_not_close_each_others_notes() -> None:
    two = Recorder(GRID)
    two.note_on(NoteOn(0, 60, 80, channel=0))
    two.note_on(NoteOn(10, 60, 81, channel=1))
    two.note_off(NoteOff(500, 60, channel=1))
    two.note_off(NoteOff(900, 60, channel=0))
    assert list(two.take(0).window.notes) == [Note(0, 60, 900, 80), Note(10, 60, 490, 81)]


def test_a_release_without_a_strike_is_nothing() -> None:
    lone = Recorder(GRID)
    lone.note_off(NoteOff(10, 60))
    assert lone.take(0).window.notes == ()


def test_a_note_is_never_shorter_than_a_tick() -> None:
    assert taken(0, Note(10, 60, 0)) == [Note(10, 60, 1)]


def test_gestures_travel_with_their_window() -> None:
    bending = Recorder(GRID)
    bending.gesture(Gesture(BAR - LEAD, b"\xe0\x00\x41"))
    bending.gesture(Gesture(BAR + 50, b"\xe0\x00\x42"))
    assert bending.take(0).gestures == ()
    assert bending.take(BAR).gestures == ((-LEAD, b"\xe0\x00\x41"), (50, b"\xe0\x00\x42"))


def test_forgetting_keeps_all_that_the_window_can_still_take() -> None:
    early, tied = Note(BAR - 100, 72, 50), Note(BAR - 500, 60, 600)
    keeping = recorder(early, tied, Note(0, 55, 100))
    keeping.gesture(Gesture(BAR - 100, b"\xb0\x01\x05"))
    before = keeping.take(BAR)
    keeping.forget(BAR + HISTORY)
    assert keeping.take(BAR) == before
    assert len(before.window.notes) == 2
    assert keeping.take(0).window.notes == (tied,)
    assert keeping.since == BAR


def test_what_went_before_is_kept_for_longer_windows_until_there_is_no_room() -> None:
    long = recorder(Note(0, 55, 100), Note(BAR, 57, 100))
    long.forget(BAR)
    long.cut_by(Grid(GRID.positions, 2))
    assert [note.pitch for note in long.take(0).window.notes] == [55, 57]
    for tick in range(MAX_NOTES):
        long.note_on(NoteOn(BAR + tick, tick % 128, 80))
    assert long.since == BAR
    assert long.dropped <= 1


def test_clearing_forgets_held_keys_too() -> None:
    held = recorder(Note(0, 60, 100))
    held.note_on(NoteOn(200, 62, 80))
    held.clear()
    assert held.take(0).window.notes == ()


def test_a_stuck_sender_fills_no_memory() -> None:
    flooded = Recorder(GRID)
    for tick in range(MAX_NOTES + 10):
        flooded.note_on(NoteOn(tick, tick % 128, 80))
        flooded.gesture(Gesture(tick, b"\xb0\x01\x05"))
    assert flooded.dropped > 10
    assert len(flooded.take(0).window.notes) <= MAX_NOTES


notes = st.builds(
    Note, st.integers(0, 4 * BAR), st.integers(30, 90), st.integers(1, 2 * BAR), st.just(64)
)


@given(st.lists(notes, max_size=20, unique_by=lambda n: n.pitch))
def test_every_note_is_struck_in_exactly_one_window(played: list[Note]) -> None:
    taking = recorder(*played)
    struck = [
        note.moved(k * BAR)
        for k in range(6)
        for note in taking.take(k * BAR).window.notes
        if note.onset >= -LEAD
    ]
    assert sorted(struck) == sorted(played)


@given(st.lists(notes, max_size=20, unique_by=lambda n: n.pitch))
def test_taking_in_turn_and_forgetting_loses_nothing(played: list[Note]) -> None:
    all_kept, forgetful = recorder(*played), recorder(*played)
    for k in range(6):
        assert forgetful.take(k * BAR) == all_kept.take(k * BAR)
        forgetful.forget(k * BAR)
        assert forgetful.take(k * BAR) == all_kept.take(k * BAR)
