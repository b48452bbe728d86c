from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.events import Halted, Ramp, Rolling
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


# --- ramps ----------------------------------------------------------------------------------------

beats = st.floats(0.01, 1000)


@given(tempos, tempos, beats, st.floats(0, 60))
def test_a_map_on_a_ramp_has_an_inverse(first: float, last: float, over: float, wait: float):
    here = Map(480, 10, ticks_a_second(first), True, ramp=Ramp(480 + 960 * over, 16 * last))
    tick = here.tick_at(10 + wait)
    assert here.time_at(tick) == pytest.approx(10 + wait, abs=1e-6)


@given(tempos, tempos, beats, st.lists(st.floats(-1, 300), min_size=2, max_size=9))
def test_on_a_ramp_the_song_never_goes_back(
    first: float, last: float, over: float, waits: list[float]
):
    here = Map(480, 10, ticks_a_second(first), True, ramp=Ramp(480 + 960 * over, 16 * last))
    ticks = [here.tick_at(10 + wait) for wait in sorted(waits)]
    assert ticks == sorted(ticks)


@given(tempos, tempos, beats, st.floats(0, 1), st.floats(0, 60))
def test_a_map_told_from_later_on_is_the_same_map(
    first: float, last: float, over: float, part: float, wait: float
):
    here = Map(0, 0, ticks_a_second(first), True, ramp=Ramp(960 * over, 16 * last))
    later = here.at(here.time_at(960 * over * part))
    then = later.time + wait
    assert later.tick_at(then) == pytest.approx(here.tick_at(then), rel=1e-9, abs=1e-5)


def test_half_way_through_its_beats_a_ramp_has_half_its_change():
    transport = Internal(60)
    transport.roll(0)
    transport.set_tempo(1.0, 120, beats=8)
    half = transport.map.at(transport.map.time_at(960 * 5))
    assert half.rate == pytest.approx(ticks_a_second(90))
    # 8 beats, each at its own tempo: the integral of 1 / (1 + x / 8) s over 8 of them
    assert transport.map.time_at(960 * 9) == pytest.approx(1 + 8 * math.log(2))
    over = transport.map.at(99.0)
    assert (over.rate, over.ramp) == (ticks_a_second(120), None)


@given(st.lists(st.tuples(tempos, st.floats(0, 40), waits), max_size=10))
def test_ramps_and_jumps_have_no_seam(changes: list[tuple[float, float, float]]):
    transport, time = Internal(120), 100.0
    transport.roll(time)
    for bpm, over, wait in changes:
        time += wait
        before = transport.map.at(time)
        transport.set_tempo(time, bpm, over)
        assert transport.map.tick_at(time) == before.tick
        assert transport.map.tick_at(time + 1e-6) == pytest.approx(before.tick, abs=0.01)
        if over > 0.01:
            assert transport.map.rate == before.rate


def test_a_ramp_of_a_song_that_stands_is_a_jump():
    transport = Internal(60)
    transport.set_tempo(1.0, 120, beats=8)
    assert (transport.map.rate, transport.map.ramp) == (ticks_a_second(120), None)


def test_a_song_that_stops_on_a_ramp_keeps_the_tempo_that_it_had():
    transport = Internal(60)
    transport.roll(0)
    transport.set_tempo(0, 120, beats=8)
    transport.halt(transport.map.time_at(960 * 4))
    transport.roll(50)
    assert transport.map.rate == pytest.approx(ticks_a_second(90))
    assert transport.map.tick_at(60) == pytest.approx(10 * ticks_a_second(90))


def test_a_ramp_survives_being_mirrored():
    transport = Internal(60)
    transport.roll(0)
    transport.set_tempo(0, 120, beats=8)
    assert Internal.resumed(transport.map.moment).map == Map.of(transport.map.moment)
    assert Map.of(transport.map.moment) == transport.map
