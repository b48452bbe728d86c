"""Knobs at work: floods, loops, other presets; what is set, what is told back, and when."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.cc.mapping import Binding
from realtime.cc.scale import Setting
from realtime.cc.turning import FEED_EVERY, GATHER, Turning
from realtime.controls import ROOT, table

TABLE = table(["density", "contour"])
DENSITY, CONTOUR, TEMPO = (
    f"{ROOT}/{name}" for name in ("knob/density", "knob/contour", "transport/tempo")
)
PANIC, TAP, HEARD = f"{ROOT}/panic", f"{ROOT}/transport/tap", f"{ROOT}/knob/density/value"
BINDINGS = (
    *(Binding(DENSITY, 1, 20), Binding(CONTOUR, 1, 10, fine=True)),
    *(Binding(PANIC, 1, 30), Binding(TAP, 1, 31), Binding(HEARD, 1, 21)),
)


def made(pickup: bool = False, feeds: bool = True) -> Turning:
    turning = Turning(pickup, feeds)
    turning.fit(BINDINGS, TABLE)
    return turning


def test_of_a_flood_the_latest_counts() -> None:
    turning, set_to = made(), list[Setting]()
    for n in range(1000):  # ten a millisecond
        now = n / 10_000
        turning.hear((0, 20), n % 128, now)
        if now >= turning.next:
            set_to += [args[0] for args in turning.settings(now).values()]
    set_to += [args[0] for args in turning.settings(turning.next).values()]
    assert 0.1 / GATHER <= len(set_to) <= 0.1 / GATHER + 2
    assert set_to[0] == -1.0  # the first is not waited for
    assert set_to[-1] == pytest.approx((999 % 128 - 64) / 63)


def test_what_is_moved_together_is_set_together() -> None:
    turning = made()
    turning.hear((0, 20), 127, 1.0)
    turning.hear((0, 31), 127, 1.0)
    turning.hear((0, 10), 127, 1.0)
    turning.hear((0, 42), 127, 1.001)
    assert turning.settings(turning.next) == {TAP: (), DENSITY: (1.0,), CONTOUR: (1.0,)}
    assert turning.settings(9.0) == {}


def test_the_halves_of_14_bits_wait_for_each_other() -> None:
    turning = made()
    turning.hear((0, 10), 64, 1.0)
    assert turning.settings(1.0) == {}
    turning.hear((0, 42), 0, 1.001)
    assert turning.settings(turning.next) == {CONTOUR: (0.0,)}


def test_a_button_that_comes_up_at_once_was_pressed() -> None:
    turning = made()
    turning.hear((0, 30), 127, 1.0)
    turning.hear((0, 30), 0, 1.0)
    assert turning.settings(1.0) == {PANIC: ()}


def test_what_is_set_by_others_is_told_at_a_rate_and_the_latest_alone() -> None:
    turning, told = made(), list[tuple[float, bytes]]()
    for n in range(1000):  # a millisecond each
        now = n / 1000
        turning.told(DENSITY, ((n - 500) / 500,))
        told += [(now, message) for message in turning.feed(now)]
    told += [(2.0, message) for message in turning.feed(2.0)]
    times = [time for time, _ in told]
    assert min(b - a for a, b in pairwise(times)) >= FEED_EVERY - 1e-9
    assert told[-1][1] == b"\xb0\x14\x7f"
    assert turning.feed(3.0) == []
    turning.told(CONTOUR, (0.0,))
    assert turning.feed(3.0) == [b"\xb0\x0a\x40", b"\xb0\x2a\x00"]


def test_a_knob_is_told_nothing_of_what_it_set_nor_of_triggers_nor_of_what_is_heard() -> None:
    turning = made()
    turning.hear((0, 20), 30, 1.0)
    turning.told(DENSITY, turning.settings(1.0)[DENSITY])
    turning.told(PANIC, ())
    turning.told(HEARD, (7.0,))
    assert turning.feed(9.0) == []
    assert made(feeds=False).next == float("inf")


def test_who_waits_for_its_value_is_told() -> None:
    turning = made(pickup=True)
    turning.told(DENSITY, (0.0,))
    assert turning.waiting == []  # nobody knows where the knob stands
    turning.hear((0, 20), 20, 1.0)
    assert turning.settings(1.0) == {}
    assert turning.waiting == [DENSITY]
    turning.hear((0, 20), 70, 2.0)
    assert turning.settings(2.0) == {DENSITY: (pytest.approx((70 - 64) / 63),)}
    assert turning.waiting == []


def test_the_value_heard_takes_no_knob_out_of_hand() -> None:
    turning = made(pickup=True)
    turning.told(HEARD, (9.0,))
    for raw, value in ((0, -127.0), (64, 0.0)):
        turning.hear((0, 21), raw, raw)
        assert turning.settings(raw) == {HEARD: (value,)}
        turning.told(HEARD, (3.0,))


def test_a_control_that_a_preset_lacks_waits_for_one_that_has_it() -> None:
    turning = made(pickup=True)
    turning.told(CONTOUR, (0.0,))
    turning.hear((0, 20), 10, 1.0)
    turning.fit(BINDINGS, table(["contour"]))
    assert turning.settings(1.0) == {}
    turning.hear((0, 20), 127, 2.0)
    assert turning.settings(2.0) == {}
    turning.fit(BINDINGS, TABLE)
    turning.told(DENSITY, (1.0,))
    turning.hear((0, 20), 127, 3.0)
    assert turning.settings(3.0) == {DENSITY: (1.0,)}


def test_a_knob_that_was_just_learnt_knows_its_control() -> None:
    turning = Turning(pickup=True, feeds=True)
    turning.told(DENSITY, (0.5,))
    turning.fit(BINDINGS, TABLE)
    assert turning.feed(0.0) == [b"\xb0\x14\x60"]
    turning.hear((0, 20), 10, 1.0)
    assert turning.settings(1.0) == {}


@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=20),
    st.integers(0, 6),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([DENSITY, CONTOUR]),
)
def test_a_loop_settles(
    values: list[float], lag: int, copies: int, pickup: bool, address: str
) -> None:
    """All that is told comes back, `lag` tellings late and perhaps more than once: there are never
    more tellings than changes, and where it comes once, it stays as it was set."""
    turning, back, told, value = made(pickup), list[list[bytes]](), 0, 0.0
    for turn in range(len(values) + lag + 2):
        now = turn * FEED_EVERY
        if turn < len(values):
            value = values[turn]
            turning.told(address, (value,))
        messages = turning.feed(now)
        told += bool(messages)
        back.append(messages)
        for _ in range(copies if turn >= lag else 0):
            for message in back[turn - lag]:
                turning.hear((0, message[1]), message[2], now)
            for args in turning.settings(now + 2 * GATHER).values():
                value = args[0]
                turning.told(address, args)
    assert turning.feed(1e9) == []
    assert told <= len(values)
    if copies == 1:
        assert value == values[-1]
        assert turning.echoes == told
