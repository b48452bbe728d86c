"""Notes in ticks, meters, and one note per key."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import TICKS_PER_QUARTER, Bar, Meter, Note, Window, without_overlaps

NOTES = st.lists(
    st.builds(
        Note,
        st.integers(-2000, 4000),
        st.integers(58, 62),
        st.integers(-10, 2000),
        st.integers(1, 127),
    ),
    max_size=12,
)


def test_a_note_ends_its_duration_after_its_onset() -> None:
    note = Note(onset=240, pitch=60, duration=480, velocity=90)
    assert note.end == 720
    assert note.moved(-960) == Note(-720, 60, 480, 90)


@pytest.mark.parametrize(
    ("text", "beat", "bar"),
    [("4/4", 960, 3840), ("3/4", 960, 2880), ("6/8", 480, 2880), ("2/2", 1920, 3840)],
)
def test_a_meter_counts_in_ticks_of_a_quarter(text: str, beat: int, bar: int) -> None:
    meter = Meter.read(text)
    assert (meter.beat_ticks, meter.bar_ticks, str(meter)) == (beat, bar, text)


@pytest.mark.parametrize("part", [2, 3, 4, 5, 6, 8, 16, 32])
def test_common_parts_of_a_beat_are_whole_ticks(part: int) -> None:
    assert TICKS_PER_QUARTER % part == 0


@pytest.mark.parametrize(("tick", "number"), [(0, 0), (2879, 0), (2880, 1), (-1, -1)])
def test_a_tick_lies_in_the_bar_that_began_last(tick: int, number: int) -> None:
    bar = Bar.at(tick, Meter(3, 4))
    assert bar.number == number
    assert bar.start <= tick < bar.start + bar.meter.bar_ticks


def test_a_window_orders_its_notes_and_knows_its_length() -> None:
    late, early = Note(960, 60, 10), Note(0, 72, 10)
    window = Window.of([late, early], bars=2, meter=Meter(3, 4))
    assert window.notes == (early, late)
    assert window.length == 5760


def test_a_key_struck_while_it_sounds_cuts_its_first_note() -> None:
    notes = [Note(0, 60, 1000), Note(0, 64, 1000), Note(400, 60, 100)]
    assert without_overlaps(notes) == [Note(0, 60, 400), Note(0, 64, 1000), Note(400, 60, 100)]


@given(NOTES)
def test_without_overlaps_leaves_one_note_per_key_and_moves_none(notes: list[Note]) -> None:
    kept = without_overlaps(notes)
    per_key: dict[int, list[Note]] = defaultdict(list)
    for note in kept:
        per_key[note.pitch].append(note)
    assert all(a.end <= b.onset for line in per_key.values() for a, b in pairwise(line))
    assert all(note.duration > 0 for note in kept)
    starts = {(n.onset, n.pitch, n.velocity): n.duration for n in sorted(notes)}
    assert all(n.duration <= starts[n.onset, n.pitch, n.velocity] for n in kept)


@given(NOTES)
def test_without_overlaps_changes_nothing_twice(notes: list[Note]) -> None:
    once = without_overlaps(notes)
    assert without_overlaps(once) == once
