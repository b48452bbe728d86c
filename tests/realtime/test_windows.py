"""Windows as surfaces are told them: there and back, and what a plan in the middle makes of one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from presets.bar import Meter, Note, Window, without_overlaps
from realtime.events import Plan
from realtime.ports.osc import encode
from realtime.schedule import Schedule
from realtime.windows import HEARD, MOST, flat, read, taken_over

BAR = 3840
GRID = BAR // 16

onsets = st.integers(-BAR, BAR - 1)
notes = st.builds(Note, onsets, st.integers(0, 127), st.integers(1, 2 * BAR), st.integers(1, 127))
on_grid = st.builds(
    lambda step, pitch, steps: Note(step * GRID, pitch, steps * GRID),
    st.integers(0, 15),
    st.integers(60, 64),
    st.integers(1, 16),
)
windows = st.lists(on_grid, max_size=6).map(lambda n: Window.of(without_overlaps(n)))


@given(st.integers(-BAR, 1 << 30), st.lists(notes, max_size=MOST), st.integers(1, 16))
def test_a_list_says_the_window_by_osc(start: int, some: list[Note], bars: int) -> None:
    window = Window.of(some, bars, Meter(3, 4))
    told = OscMessage(encode(HEARD, flat(start, window))).params
    assert read(told) == (start, window.length, window.notes)


def test_of_very_many_notes_the_first_are_told_in_one_small_datagram() -> None:
    window = Window.of([Note(tick, 60, 1) for tick in range(4 * MOST)])
    told = flat(0, window)
    assert read(told)[2] == window.notes[:MOST]
    assert len(encode(HEARD, told)) < 4096


@given(windows, windows, st.integers(1, 15))
def test_what_takes_over_is_heard_as_the_schedule_plays_it(
    before: Window, after: Window, step: int
) -> None:
    since = step * GRID
    schedule, said = Schedule(0), list[tuple[int, bytes]]()
    schedule.add(Plan(0, BAR, 0, before.notes))
    _play(schedule, said, since - 1)
    schedule.add(Plan(0, BAR, since, after.notes))
    _play(schedule, said, BAR)
    assert _notes(said) == _cut(taken_over(before, after, since))


def test_at_its_first_line_a_window_is_wholly_another() -> None:
    before, after = Window.of([Note(0, 60, BAR)]), Window.of([Note(-10, 62, BAR)])
    assert taken_over(before, after, 0) == after
    assert taken_over(None, after, 960) == after


def _play(schedule: Schedule, said: list[tuple[int, bytes]], until: int) -> None:
    while (tick := schedule.next_tick()) is not None and tick <= until:
        said += [(tick, data) for data in schedule.due(tick)]
    schedule.due(until)


def _notes(said: list[tuple[int, bytes]]) -> list[tuple[int, int, int]]:
    """Onset, pitch and end of each."""
    open_: dict[int, int] = {}
    notes: list[tuple[int, int, int]] = []
    for tick, (status, pitch, _) in said:
        if status == 0x90:
            open_[pitch] = tick
        else:
            notes.append((open_.pop(pitch), pitch, tick))
    assert not open_
    return sorted(notes)


def _cut(window: Window) -> list[tuple[int, int, int]]:
    kept = without_overlaps(window.notes)
    return sorted((n.onset, n.pitch, min(n.end, BAR)) for n in kept)
