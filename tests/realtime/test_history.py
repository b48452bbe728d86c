"""Undo and redo, as a performer knows them from an editor."""

from __future__ import annotations

from msgspec.structs import replace

from presets.bar import Note, Window
from realtime.history import STEPS, History
from realtime.state import Curve, State, Taken

DENSITY = "/glissar/knob/density"
BAR = Taken(Window.of([Note(0, 60, 900)]))


def turned(number: float, **more: object) -> State:
    return State({"density": ("offset", number)}, **more)  # type: ignore[arg-type]


def test_what_was_set_before_comes_back_and_goes_again() -> None:
    history = History()
    history.note(State(), turned(0.5), DENSITY, 1.0)
    history.note(turned(0.5), turned(0.5, mode="freeze"), "/glissar/mode", 2.0)
    one = history.undo(turned(0.5, mode="freeze"))
    assert one == turned(0.5)
    assert history.undo(one) == State()
    assert history.undo(State()) is None
    again = history.redo(State())
    assert again == turned(0.5)
    assert history.redo(again) == turned(0.5, mode="freeze")
    assert history.redo(again) is None


def test_a_sweep_is_one_step_and_so_is_a_bundle() -> None:
    history = History()
    for n in range(10):
        history.note(turned(n / 10), turned((n + 1) / 10), DENSITY, 1 + n / 4)
    last = turned(1.0, mode="freeze")
    history.note(turned(1.0), replace(last, mode="follow", way="optimise"), "/glissar/way", 9.0)
    history.note(replace(last, mode="follow", way="optimise"), last, "/glissar/mode", 9.0)
    assert history.undo(last) == turned(1.0)
    assert history.undo(turned(1.0)) == turned(0.0)


def test_a_pause_in_a_sweep_begins_another_step() -> None:
    history = History()
    history.note(turned(0), turned(0.2), DENSITY, 1.0)
    history.note(turned(0.2), turned(0.4), DENSITY, 2.5)
    assert history.undo(turned(0.4)) == turned(0.2)


def test_a_turn_after_an_undo_is_a_step_of_its_own_and_ends_what_could_be_redone() -> None:
    history = History()
    history.note(turned(0), turned(0.2), DENSITY, 1.0)
    assert history.undo(turned(0.2)) == turned(0)
    history.note(turned(0), turned(0.3), DENSITY, 1.1)
    assert history.redo(turned(0.3)) is None
    assert history.undo(turned(0.3)) == turned(0)


def test_what_is_no_choice_stays_as_it_is() -> None:
    history = History()
    history.note(turned(0), turned(0), DENSITY, 1.0)  # it was there already
    assert history.undo(turned(0)) is None
    history.note(State(), turned(0.5), DENSITY, 2.0)
    now = turned(0.5, last=BAR, thru=False, preset="bach-2", source="clock")
    assert history.undo(now) == replace(now, knobs={})


def test_the_way_between_two_windows_is_kept_only_with_them() -> None:
    way = Curve((0.1,), (0.0, 1.0))
    history, now = History(), turned(0.5, a=BAR, b=BAR, curve=way)
    history.note(replace(now, knobs={}), now, DENSITY, 1.0)
    assert history.undo(now) == replace(now, knobs={})
    history.note(turned(0.5, a=BAR), now, "b", 9.0)
    assert history.undo(now) == turned(0.5, a=BAR)


def test_so_many_steps_are_kept_and_no_more() -> None:
    history = History()
    for n in range(STEPS + 10):
        history.note(turned(n), turned(n + 1), DENSITY, 2.0 * n)
    state, steps = turned(STEPS + 10), 0
    while found := history.undo(state):
        state, steps = found, steps + 1
    assert steps == STEPS >= 64
    assert state == turned(10)
