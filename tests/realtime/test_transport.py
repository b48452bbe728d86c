from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.events import Halted, Rolling
from realtime.transport import Internal, Map, ticks_a_second

tempos = st.floats(20, 400)
waits = st.floats(0, 30)


def test_a_quarter_note_is_960_ticks():
    assert ticks_a_second(60) == 960
    assert ticks_a_second(120) == 1920


@given(st.floats(-1e6, 1e6), st.floats(0, 1e5), tempos, waits)
def test_a_rolling_map_has_an_inverse(tick: float, time: float, bpm: float, wait: float):
    here = Map(tick, time, ticks_a_second(bpm), rolling=True)
    assert here.time_at(here.tick_at(time + wait)) == pytest.approx(time + wait, abs=1e-6)


def test_a_halted_map_stays_and_nothing_comes():
    here = Map(480, 10, 1920, rolling=False)
    assert here.tick_at(1e6) == 480
    assert here.time_at(481) == math.inf


def test_a_map_goes_no_further_than_its_limit():
    here = Map(0, 0, 1920, rolling=True, limit=80)
    assert here.tick_at(0.02) == pytest.approx(38.4)
    assert here.tick_at(9) == 80
    assert here.time_at(81) == math.inf


def test_a_map_survives_being_mirrored():
    here = Map(480, 10, 1920, rolling=True)
    assert Map.of(here.moment) == here


def test_it_starts_at_zero_and_stops_where_it_is():
    transport = Internal(120)
    assert transport.roll(5.0) == (Rolling(0),)
    assert transport.roll(6.0) == ()
    assert transport.halt(6.0) == (Halted(1920),)
    assert transport.halt(7.0) == ()
    assert transport.map.tick_at(99) == 1920


def test_the_count_in_has_negative_ticks():
    transport = Internal(120)
    assert transport.roll(5.0, count_in=3840) == (Rolling(-3840),)
    assert transport.map.time_at(0) == pytest.approx(7.0)


@given(st.lists(st.tuples(tempos, waits), max_size=10), st.booleans())
def test_a_change_of_tempo_has_no_seam(changes: list[tuple[float, float]], rolling: bool):
    transport, time = Internal(120), 100.0
    if rolling:
        transport.roll(time)
    for bpm, wait in changes:
        time += wait
        before = transport.map.tick_at(time)
        transport.set_tempo(time, bpm)
        assert transport.map.tick_at(time) == before
        assert transport.map.rate == pytest.approx(ticks_a_second(bpm))


def test_a_resumed_transport_never_stopped():
    transport = Internal(97)
    transport.roll(3.0)
    transport.set_tempo(4.0, 130)
    resumed = Internal.resumed(transport.map.moment)
    assert resumed.map.tick_at(50) == transport.map.tick_at(50)
