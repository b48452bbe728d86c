"""A controller's numbers and a control's values; knobs that take hold, and words that come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.cc import knob as knobs
from realtime.cc.knob import NEAR, Knob, feed, hear, judge, owes, press, told
from realtime.cc.mapping import KINDS, Binding
from realtime.cc.scale import Scale, Setting
from realtime.controls import ROOT, table

TABLE = table(["density"])
KNOB = f"{ROOT}/knob/density"
SEVEN, FINE = Binding(KNOB, 1, 10), Binding(KNOB, 1, 10, fine=True)
OFFSET = Scale.of(TABLE[KNOB], SEVEN)
TURNABLE = [a for a, row in TABLE.items() if row.writable and row.kind in KINDS[:3]]


def scale(name: str, **how: float | bool) -> Scale:
    address = f"{ROOT}/{name}"
    return Scale.of(TABLE[address], Binding(address, 1, 10, **how))  # pyright: ignore[reportArgumentType]


def turned(knob: Knob, raw: int, to: Scale = OFFSET, pickup: bool = True, now: float = 0.0):
    return judge(hear(knob, 0, raw, fine=False), to, pickup, now)


# --- what numbers mean ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "how", "raw", "value"),
    [
        ("knob/density", {}, 0, -1.0),
        ("knob/density", {}, 64, 0.0),  # neutral is exactly there: the middle of MIDI
        ("knob/density", {}, 127, 1.0),
        ("knob/density", {"fine": True}, 8192, 0.0),
        ("knob/density", {"fine": True}, 16383, 1.0),
        ("morph", {}, 127, 1.0),
        ("transport/tempo", {"low": 100.0, "high": 227.0}, 20, 120.0),
        ("transport/tempo", {"low": 227.0, "high": 100.0}, 127, 100.0),
        ("transport/tempo", {"low": -1e9, "high": 1e9}, 127, 400.0),
        ("thru", {}, 63, 0),
        ("thru", {}, 64, 1),
        ("delay", {}, 127, 8),
        ("delay", {"low": 3.0, "high": 1.0}, 0, 3),
        ("mode", {}, 0, "follow"),
        ("mode", {}, 127, "morph"),
    ],
)
def test_a_number_means(name: str, how: dict[str, float | bool], raw: int, value: Setting) -> None:
    assert scale(name, **how).value(raw) == pytest.approx(value)


@given(st.sampled_from(TURNABLE), st.booleans(), st.data())
def test_what_a_number_means_is_taken_and_leads_back_to_it(
    address: str, fine: bool, data: st.DataObject
) -> None:
    row = TABLE[address]
    to = Scale.of(row, Binding(address, 1, 10, fine))
    raw = data.draw(st.integers(0, to.top))
    value = to.value(raw)
    assert row.read((value,)) == value
    assert to.agrees(raw, value)
    if to.steps:
        assert to.value(to.raw(value) or 0) == value  # a field's own place
    else:
        assert to.raw(value) == raw


@pytest.mark.parametrize("value", ["loud", 7])
def test_a_value_that_no_knob_can_stand_at_is_left_alone(value: Setting) -> None:
    to = scale("mode")
    knob = told(Knob(stands=3, judged=3, holds=True), to, value)
    assert owes(knob, to) is None


# --- 14 bits --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 16383), st.booleans()), min_size=1))
def test_the_halves_of_14_bits_come_in_any_order(turns: list[tuple[int, bool]]) -> None:
    knob = Knob()
    for raw, lower_first in turns:
        halves = [(0, raw >> 7), (1, raw & 127)]
        for part, data in halves[:: -1 if lower_first else 1]:
            knob = hear(knob, part, data, fine=True)
        assert knob.stands == raw


@given(st.integers(0, 16383), st.integers(0, 127))
def test_the_lower_half_may_come_alone(raw: int, lower: int) -> None:
    assert hear(Knob(stands=raw), 1, lower, fine=True).stands == raw - raw % 128 + lower


@given(st.integers(0, 16383))
def test_what_a_fine_knob_is_told_it_would_say(raw: int) -> None:
    knob = Knob()
    for part, message in enumerate(FINE.messages(raw)):
        assert (0, message[1]) == FINE.keys[part]
        knob = hear(knob, part, message[2], fine=True)
    assert knob.stands == raw


# --- pickup ---------------------------------------------------------------------------------------


def test_a_knob_that_stands_elsewhere_does_nothing_until_it_passes_the_value() -> None:
    knob = told(Knob(), OFFSET, 0.0)
    values: list[Setting | None] = []
    for raw in (20, 40, 60, 70, 71):
        verdict = turned(knob, raw)
        knob = verdict.knob
        values.append(verdict.value)
    assert values[:3] == [None] * 3
    assert values[3:] == [OFFSET.value(70), OFFSET.value(71)]
    knob = told(knob, OFFSET, OFFSET.value(71))
    assert knob.holds
    knob = told(knob, OFFSET, -0.5)  # by the panel
    assert [turned(knob, raw).value for raw in (72, 100)] == [None, None]
    assert turned(knob, 20).value == OFFSET.value(20)  # past it


def test_a_value_that_is_told_again_takes_no_knob_out_of_hand() -> None:
    knob = turned(told(Knob(), OFFSET, 0.0), 64).knob
    knob = told(told(knob, OFFSET, 0.0), OFFSET, 0.0)
    assert knob.holds
    assert turned(knob, 127).value == 1.0


def test_a_value_that_is_told_as_it_was_rounded_takes_no_knob_out_of_hand() -> None:
    tempo = scale("transport/tempo", fine=True)
    knob = judge(Knob(stands=8000, value=300.0), tempo, pickup=False, now=0.0).knob
    assert told(knob, tempo, round(float(tempo.value(8000)), 1)).holds


def test_in_jump_a_knob_is_heard_wherever_it_stands() -> None:
    knob = told(Knob(), OFFSET, 0.0)
    assert turned(knob, 127, pickup=False).value == 1.0


moves = st.lists(
    st.one_of(
        st.tuples(st.just("turn"), st.integers(0, 127).map(float)),
        st.tuples(st.just("tell"), st.floats(-1, 1)),
    ),
    max_size=60,
)


@given(moves)
def test_pickup_never_jumps(steps: list[tuple[str, float]]) -> None:
    """A control moves at most as far as its knob was turned, and what is near."""
    knob, value, stood = told(Knob(), OFFSET, 0.0), 0.0, None
    for what, number in steps:
        if what == "tell":
            value = number
            knob = told(knob, OFFSET, value)
            continue
        verdict = turned(knob, int(number))
        knob = verdict.knob
        if verdict.value is not None:
            place, before = OFFSET.place(value) or 0.0, number if stood is None else stood
            near = NEAR * 127 + 0.5  # a told value lies between two numbers
            assert abs(number - place) <= abs(number - before) + near
            assert isinstance(verdict.value, float)
            value = verdict.value
            knob = told(knob, OFFSET, value)
        stood = number


@given(moves)
def test_a_knob_that_is_turned_from_end_to_end_always_has_its_control(
    steps: list[tuple[str, float]],
) -> None:
    knob = told(Knob(), OFFSET, 0.0)
    for what, number in steps:
        knob = told(knob, OFFSET, number) if what == "tell" else turned(knob, int(number)).knob
    for raw in (0, 127):
        knob = turned(knob, raw).knob
    assert knob.holds


# --- buttons and menus ----------------------------------------------------------------------------


def test_a_menu_changes_where_another_field_begins_and_not_when_a_knob_flickers() -> None:
    mode = scale("mode")
    knob = turned(told(Knob(), mode, "follow"), 100, mode).knob
    knob = told(told(knob, mode, "morph"), mode, "freeze")  # by the panel
    assert turned(knob, 101, mode).value is None
    assert turned(knob, 90, mode).value == "generate"


def test_a_button_need_not_be_pressed_twice() -> None:
    thru = scale("thru")
    knob = told(Knob(), thru, 0)
    assert turned(knob, 127, thru).value == 1
    knob = told(told(turned(knob, 127, thru).knob, thru, 1), thru, 0)  # by the panel
    assert turned(turned(knob, 0, thru).knob, 127, thru).value == 1


def test_a_trigger_is_pulled_when_a_button_goes_down() -> None:
    knob, pulls = Knob(), list[bool]()
    for raw in (127, 0, 127, 127, 0, 30, 64, 65, 90):
        knob, down = press(hear(knob, 0, raw, fine=False))
        pulls.append(down)
    assert pulls == [True, False, True, True, False, False, True, False, False]


# --- what comes back ------------------------------------------------------------------------------


def test_a_knob_is_told_what_another_sets_and_not_what_it_said_itself() -> None:
    knob = told(Knob(), OFFSET, 0.0)
    assert owes(knob, OFFSET) == 64
    knob = feed(knob, 64, now=0.0)
    assert owes(told(knob, OFFSET, 0.0), OFFSET) is None
    verdict = turned(knob, 63, now=2.0)
    assert verdict.value == OFFSET.value(63)
    knob = told(verdict.knob, OFFSET, OFFSET.value(63))
    assert owes(knob, OFFSET) is None
    assert owes(told(knob, OFFSET, 1.0), OFFSET) == 127


def test_what_it_was_told_is_dropped_once_when_it_comes_back() -> None:
    knob = feed(feed(told(Knob(), OFFSET, 0.5), 90, now=0.0), 96, now=0.1)
    verdict = turned(knob, 90, pickup=False, now=0.2)
    assert (verdict.value, verdict.echo) == (None, True)
    verdict = turned(verdict.knob, 96, pickup=False, now=0.3)
    assert (verdict.value, verdict.echo) == (None, True)
    verdict = turned(verdict.knob, 96, pickup=False, now=0.4)
    assert (verdict.value, verdict.echo) == (OFFSET.value(96), False)


def test_what_was_told_long_ago_does_not_come_back() -> None:
    knob = feed(told(Knob(), OFFSET, 0.5), 96, now=0.0)
    assert not turned(knob, 96, now=knobs.ECHO).echo
