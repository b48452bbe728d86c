"""Knobs without ends: what they say, where they then stand, and how they are learnt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.cc.endless import FIELD, steps
from realtime.cc.learner import REPEATS, Learner
from realtime.cc.mapping import Binding, Relative
from realtime.cc.turning import Turning
from realtime.controls import ROOT, table

TABLE = table(["density"])
DENSITY, MODE = f"{ROOT}/knob/density", f"{ROOT}/mode"
KEY = (0, 20)


def made(address: str = DENSITY, pickup: bool = True, **how: float) -> Turning:
    turning = Turning(pickup, feeds=True)
    turning.fit([Binding(address, 1, 20, relative="signed", **how)], TABLE)
    return turning


def turned(turning: Turning, now: float, *said: int) -> Any:
    """What the control is set to after all that."""
    for data in said:
        turning.hear(KEY, data, now)
    [[value]] = turning.settings(now + 0.5).values()
    return value


@pytest.mark.parametrize(
    ("relative", "data", "far"),
    [
        *(("signed", 1, 1), ("signed", 31, 31), ("signed", 0, 0), ("signed", 64, 0)),
        *(("signed", 127, -1), ("signed", 125, -3), ("signed", 65, -1), ("signed", 67, -3)),
        *(("offset", 65, 1), ("offset", 63, -1), ("offset", 64, 0), ("offset", 60, -4)),
    ],
)
def test_it_says_how_far(relative: Relative, data: int, far: int) -> None:
    assert steps(data, relative) == far


def test_it_goes_on_from_where_its_control_is_and_needs_no_pickup() -> None:
    turning = made()
    turning.told(DENSITY, (0.5,))
    first = turned(turning, 1.0, 1)
    assert first == pytest.approx(0.5, abs=1.5 / 63)
    assert first > 0.5
    turning.told(DENSITY, (first,))
    assert turned(turning, 2.0, 1, 1, 1) == pytest.approx(first + 3 / 63)
    turning.told(DENSITY, (-1.0,))  # another hand
    assert turned(turning, 3.0, 127, 1, 1) == pytest.approx(-1 + 2 / 64)


@given(st.lists(st.sampled_from([1, 2, 5, 31, 65, 96, 120, 127]), min_size=1, max_size=40))
def test_many_steps_are_as_far_as_their_sum_between_the_ends(said: list[int]) -> None:
    """Told back or not: steps that come between two settings are all counted."""
    apart, together = made(), made()
    place = 64
    for n, data in enumerate(said):
        place = min(max(place + steps(data, "signed"), 0), 127)
        value = turned(apart, float(n), data)
        apart.told(DENSITY, (value,))
    assert turned(together, 1.0, *said) == value
    assert value == pytest.approx((place - 64) / (64 if place < 64 else 63))


def test_a_menu_has_the_next_field_after_some_steps_and_no_turn() -> None:
    turning = made(MODE)
    turning.told(MODE, ("follow",))
    options = TABLE[MODE].options
    found: list[str] = []
    for step in range(len(options) * FIELD):
        found.append(turned(turning, float(step), 1))
        turning.told(MODE, (found[-1],))
    assert list(dict.fromkeys(found)) == list(options)


def test_what_it_was_told_turns_nothing_when_it_comes_back() -> None:
    turning = made()
    turning.told(DENSITY, (0.5,))
    [[_, _, raw]] = turning.feed(0.0)
    turning.hear(KEY, raw, 0.1)
    assert (turning.settings(9.0), turning.echoes) == ({}, 1)


def test_steps_are_counted_where_another_hand_has_been_meanwhile() -> None:
    turning = made()
    turning.told(DENSITY, (turned(turning, 1.0, 1),))
    turning.told(DENSITY, (0.0,))
    assert turned(turning, 2.0, *[1] * 6) == pytest.approx(6 / 63)


def test_its_ring_is_told_where_it_has_turned_its_control() -> None:
    turning = made()
    turning.told(DENSITY, (turned(turning, 1.0, 1, 1),))
    assert turning.feed(2.0) == [b"\xb0\x14\x42"]
    turning.told(DENSITY, (turned(turning, 3.0, 2),))  # no echo, though 66 was told just now
    assert turning.feed(4.0) == [b"\xb0\x14\x44"]


def test_no_step_sets_nothing() -> None:
    turning = made()
    turning.hear(KEY, 64, 1.0)
    assert turning.settings(9.0) == {}


def test_it_pulls_no_trigger() -> None:
    turning = made(f"{ROOT}/undo")
    for step in range(200):
        turning.hear(KEY, 1, float(step))
    assert turning.settings(999.0) == {}


@pytest.mark.parametrize(("data", "relative"), [(1, "signed"), (65, "offset")])
def test_it_is_learnt_by_a_slow_turn_up(data: int, relative: Relative) -> None:
    learner = Learner(DENSITY, until=9)
    for _ in range(REPEATS - 1):
        learner, nothing = learner.hear(KEY, data)
        assert nothing is None
    assert learner.hear(KEY, data) == (Learner(), Binding(DENSITY, 1, 20, relative=relative))


def test_a_knob_with_ends_is_not_taken_for_one_without() -> None:
    learner, found = Learner(DENSITY, until=9), None
    for number in range(20):
        learner, found = learner.hear(KEY, number) if found is None else (learner, found)
    assert found == Binding(DENSITY, 1, 20)


def test_one_of_14_bits_has_ends() -> None:
    with pytest.raises(ValueError, match="no 14 bits"):
        Binding(DENSITY, 1, 10, fine=True, relative="signed")
