"""The clock for others, by the tick; and that our own follower, told it, is where the song is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.clock_out import AHEAD, CLOCK, CONTINUE, LEAD, START, STOP, ClockOut
from realtime.follower import Follower
from realtime.transport import ticks_a_second


def said(clock: ClockOut, until: int) -> list[tuple[int, bytes]]:
    """(tick, message) of all that comes up to `until`."""
    messages: list[tuple[int, bytes]] = []
    while (tick := clock.next_tick()) is not None and tick <= until:
        messages += [(tick, message) for message in clock.due(tick)]
    return messages


@pytest.fixture
def clock() -> ClockOut:
    return ClockOut(on=True)


def test_a_song_starts_and_has_24_clocks_a_quarter_note(clock: ClockOut):
    assert clock.locate(0) == []
    clocks = [(tick, CLOCK) for tick in range(0, 961, 40)]
    assert said(clock, 960) == [(-AHEAD, START), *clocks]


def test_a_start_goes_a_millisecond_before_its_clock_at_any_tempo():
    assert AHEAD / ticks_a_second(400) > LEAD


def test_a_count_in_has_clocks_before_the_start(clock: ClockOut):
    clock.locate(-100)
    before = [(-80, CLOCK), (-40, CLOCK), (-AHEAD, START), (0, CLOCK), (40, CLOCK)]
    assert said(clock, 40) == before


def test_past_its_beginning_a_song_is_continued_on_a_sixteenth(clock: ClockOut):
    assert clock.locate(960 * 40 - 75) == [STOP, b"\xf2\x20\x01"]  # 160 = 1 * 128 + 32
    assert [m for _, m in said(clock, 960 * 40)] == [CLOCK, CONTINUE, CLOCK]


def test_a_song_that_jumps_is_stopped_first(clock: ClockOut):
    clock.locate(0)
    said(clock, 100)
    assert clock.locate(480) == [STOP, b"\xf2\x02\x00"]
    assert said(clock, 520) == [(470, CONTINUE), (480, CLOCK), (520, CLOCK)]


def test_late_clocks_are_not_left_out(clock: ClockOut):
    clock.locate(0)
    assert clock.due(400) == [START, *[CLOCK] * 11]


def test_it_stops_once_and_is_then_silent(clock: ClockOut):
    clock.locate(0)
    clock.due(0)
    assert clock.close() == [STOP]
    assert clock.close() == []
    assert clock.next_tick() is None


def test_where_it_is_off_nothing_is_said():
    clock = ClockOut(on=False)
    assert clock.locate(0) == clock.locate(960) == clock.close() == []
    assert clock.next_tick() is None


@given(st.integers(-8000, 16 * 240 * 100), st.integers(400, 4000))
def test_whoever_follows_is_where_the_song_is(tick: int, length: int):
    clock, follower, rate = ClockOut(on=True), Follower(120), ticks_a_second(120)
    messages = [(tick, message) for message in clock.locate(tick)]
    end = max(tick, 0) + length
    for at, message in [*messages, *said(clock, end)]:
        follower.message(1000 + at / rate, message)
    assert follower.map.rolling
    assert follower.map.tick == end // 40 * 40
    follower.message(9000, clock.close()[0])
    assert not follower.map.rolling
