"""The clocks are synthetic here: exact, late, in steps of a driver's period, ramped, stalled."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from realtime.events import Halted, Rolling
from realtime.follower import AHEAD, TICKS_PER_CLOCK, Follower

PERIOD = 128 / 48000  # s of a driver that delivers once a period


def clocks(bpm: Callable[[float], float] | float, count: int, start: float) -> Iterator[float]:
    """True times of `count` clocks; `bpm` may depend on the quarter note."""
    time = start
    for number in range(count):
        yield time
        tempo = bpm(number / 24) if callable(bpm) else bpm
        time += 60 / tempo / 24


def in_steps(period: float, offset: float) -> Callable[[float], float]:
    return lambda time: math.floor((time - offset) / period) * period + offset


def errors(follower: Follower, true: list[float], arrival: Callable[[float], float]) -> list[float]:
    """Seconds that the map is off, asked at five points after each clock of a started song."""
    follower.start(true[0] - 0.001)
    off: list[float] = []
    for number, (now, after) in enumerate(itertools.pairwise(true)):
        follower.clock(arrival(now))
        for part in (0.0, 0.2, 0.4, 0.6, 0.8):
            tick = follower.map.tick_at(now + part * (after - now))
            off.append((tick - TICKS_PER_CLOCK * (number + part)) / follower.map.rate)
    return off


def p95(values: list[float]) -> float:
    return sorted(abs(v) for v in values)[int(0.95 * len(values))]


def p99(values: list[float]) -> float:
    return sorted(abs(v) for v in values)[int(0.99 * len(values))]


def test_an_exact_clock_is_followed_exactly():
    off = errors(Follower(120), list(clocks(120, 480, 7.0)), lambda time: time)
    assert max(abs(v) for v in off) < 1e-6


@settings(deadline=None)
@example(187.59375, 0.5, 40.0)
@given(st.floats(60, 200), st.floats(0, 1), st.floats(40, 300))
def test_at_any_tempo_it_is_within_the_drivers_period(bpm: float, part: float, guess: float):
    """Where a clock is a whole number of periods, nothing tells early from late within one, and
    the first guess still weighs a little (1.11 periods in the example)."""
    true = list(clocks(bpm, 24 * 12, 50))
    off = errors(Follower(guess), true, in_steps(PERIOD, part * PERIOD))
    assert p95(off[5 * 48 :]) < 1.2 * PERIOD  # after two beats


@pytest.mark.parametrize("bpm", [63, 97.3, 120, 128, 140, 174])
def test_steps_of_a_period_are_smoothed(bpm: float):
    """Delivery is half a period early on average: that constant is latency, not error."""
    for part in (0.0, 0.3, 0.6, 0.9):
        true = list(clocks(bpm, 24 * 16, 50))
        off = errors(Follower(100), true, in_steps(PERIOD, part * PERIOD))
        assert p95([v - PERIOD / 2 for v in off[5 * 48 :]]) < 0.25 * PERIOD


@settings(deadline=None)
@given(st.floats(60, 200), st.randoms())
def test_jitter_is_smoothed(bpm: float, rng: random.Random):
    off = errors(
        Follower(120), list(clocks(bpm, 24 * 16, 50)), lambda time: time + rng.uniform(-2, 2) / 1e3
    )
    assert p95(off[5 * 48 :]) < 0.0015


def test_it_does_not_drift_in_ten_minutes():
    true = list(clocks(123.4, 24 * 1234, 3.0))
    off = errors(Follower(120), true, in_steps(PERIOD, 0.001))
    late = off[-2000:]
    assert abs(sum(late) / len(late) - PERIOD / 2) < 0.0003


def test_a_ramp_is_followed():
    """From 120 to 150 in four beats, and it settles after."""
    true = list(clocks(lambda beat: 120 + 30 * min(max(beat - 8, 0) / 4, 1), 24 * 32, 3.0))
    off = errors(Follower(120), true, in_steps(PERIOD, 0.001))
    assert max(abs(v) for v in off[5 * 24 * 8 : 5 * 24 * 14]) < 0.006
    assert p95(off[5 * 24 * 16 :]) < PERIOD


@pytest.mark.parametrize("beats", [48, 64, 128])
def test_a_long_ramp_is_followed_without_falling_behind(beats: int):
    """From 60 to 180: at its beginning every clock is a thousandth of a period shorter than the one
    before, which a filter that believes in its tempo would run after, 5 ms behind."""
    true = list(clocks(lambda beat: 60 + 120 * min(max(beat - 8, 0) / beats, 1), 24 * 144, 3.0))
    off = errors(Follower(60), true, in_steps(PERIOD, 0.001))[: 5 * 24 * (beats + 16)]
    middle = sorted(off)[len(off) // 2]
    assert p99([v - middle for v in off]) < 0.7 * PERIOD


def test_a_leap_of_tempo_is_followed_within_two_beats():
    true = list(clocks(lambda beat: 120 if beat < 8 else 75, 24 * 20, 3.0))
    off = errors(Follower(120), true, in_steps(PERIOD, 0.001))
    assert p95(off[5 * 24 * 10 :]) < PERIOD


def test_the_first_clock_after_a_start_is_position_zero():
    follower = Follower(120)
    for time in clocks(120, 10, 1.0):  # a master that sends clocks while it stands
        assert follower.clock(time) == ()
    assert follower.start(1.2) == ()
    assert follower.clock(1.21) == (Rolling(0),)
    assert follower.clock(1.23) == ()
    assert follower.map.limit == TICKS_PER_CLOCK + AHEAD


@pytest.mark.parametrize(("before", "after"), [(133, 60), (180, 60), (60, 180), (100, 133)])
def test_another_tempo_after_a_stop_is_followed_from_the_second_clock_on(
    before: float, after: float
):
    """Before it nobody can know; the song then waits for it, rather than run ahead."""
    follower = Follower(100)
    errors(follower, list(clocks(before, 48, 5)), lambda time: time)
    follower.stop(10)
    off = errors(follower, list(clocks(after, 24, 20)), lambda time: time)
    assert max(off[:5]) <= TICKS_PER_CLOCK / follower.map.rate
    assert max(abs(v) for v in off[5:]) < 0.002


def test_clocks_between_a_position_and_continue_are_not_counted():
    follower = Follower(120)
    follower.locate(1.0, 16)
    for time in clocks(120, 96, 1.0):
        assert follower.clock(time) == ()
    assert follower.map.tick_at(9) == 3840
    follower.proceed(3.0)
    assert follower.clock(3.01) == (Rolling(3840),)


def test_continue_after_stop_takes_the_next_clock():
    follower = Follower(120)
    follower.start(0.99)
    for time in clocks(120, 25, 1.0):
        follower.clock(time)
    (halted,) = follower.stop(1.51)
    assert isinstance(halted, Halted)
    assert 960 <= halted.tick <= 1000
    follower.proceed(5.0)
    assert follower.clock(5.01) == (Rolling(1000),)


def test_a_jump_while_rolling_halts_and_rolls_there():
    follower = Follower(120)
    follower.start(0.99)
    for time in clocks(120, 48, 1.0):
        follower.clock(time)
    assert isinstance(follower.locate(2.0, 64)[0], Halted)
    assert follower.clock(2.001) == ()
    follower.proceed(2.01)
    assert follower.clock(2.02) == (Rolling(64 * 240),)


def test_a_start_while_rolling_begins_again():
    follower = Follower(120)
    follower.start(0.99)
    for time in clocks(120, 48, 1.0):
        follower.clock(time)
    assert isinstance(follower.start(2.0)[0], Halted)
    assert follower.clock(2.001) == (Rolling(0),)


def test_a_stalled_clock_holds_the_song_and_counting_takes_it_up():
    follower = Follower(120)
    follower.start(0.99)
    true = list(clocks(120, 49, 1.0))
    for time in true:
        follower.clock(time)
    held = follower.map.tick_at(true[-1] + 60)
    assert held == 48 * TICKS_PER_CLOCK + AHEAD
    assert follower.silent_after <= true[-1] + 0.15
    again = list(clocks(120, 48, true[-1] + 60))
    for time in again:
        assert follower.clock(time) == ()
    assert follower.map.tick_at(again[-1]) == pytest.approx(96 * TICKS_PER_CLOCK, abs=2)
    assert follower.stalls == 1


@given(st.lists(st.sampled_from("CCCCCCsxclh"), max_size=200), st.integers(0, 1000))
def test_whatever_comes_the_map_agrees_with_the_count(orders: str, sixteenths: int):
    """Rolling, the map is within the reach of the last clock, and it says when it rolls."""
    follower, time, rolling = Follower(120), 10.0, False
    for order in orders:
        time += 0.0208
        changes = {
            "C": lambda t=time: follower.clock(t),
            "s": lambda t=time: follower.start(t),
            "x": lambda t=time: follower.stop(t),
            "c": lambda t=time: follower.proceed(t),
            "l": lambda t=time: follower.locate(t, sixteenths),
            "h": lambda t=time: follower.halt(t),
        }[order]()
        for change in changes:
            assert isinstance(change, Rolling) is not rolling
            rolling = not rolling
        assert follower.map.rolling is rolling
        assert follower.map.tick_at(time + 99) <= follower.map.tick + AHEAD


def test_the_next_follower_takes_the_song_up_in_phase():
    follower = Follower(120)
    follower.start(0.99)
    true = list(clocks(120, 96, 1.0))
    for time in true[:40]:
        follower.clock(time)
    heir = Follower.resumed(follower.map.moment, true[59] + 0.008)
    assert heir.clock(true[60]) == (Rolling(60 * TICKS_PER_CLOCK),)
