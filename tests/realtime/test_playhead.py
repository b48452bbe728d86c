"""When it is told where the song is; times are made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realtime.playhead import Playhead
from realtime.transport import Map

BEAT, RATE = 960, 1920.0  # ticks, and ticks a second: 120 beats a minute
STANDS = Map(0, 0, RATE, rolling=False)
ROLLS = Map(0, 10, RATE, rolling=True)


@pytest.fixture
def playhead() -> Playhead:
    playhead = Playhead(BEAT)
    playhead.follow(STANDS, 0)
    playhead.follow(ROLLS, 10)
    return playhead


def test_it_is_told_at_the_start_and_once_a_beat(playhead: Playhead) -> None:
    told = {when: playhead.tell(when) for when in (10, 10.2, 10.5, 10.7, 11.0)}
    assert told == {10: 0, 10.2: None, 10.5: 960, 10.7: None, 11.0: 1920}
    assert playhead.next == 11.5


def test_it_stands_where_the_song_stops(playhead: Playhead) -> None:
    playhead.tell(10)
    playhead.follow(Map(300, 10.2, RATE, rolling=False), 10.2)
    assert playhead.tell(10.2) == 300
    assert playhead.next is None


def test_a_jump_is_told_and_a_tremble_is_not(playhead: Playhead) -> None:
    playhead.tell(10)
    playhead.follow(replace(ROLLS, time=10.01), 10.1)
    assert playhead.tell(10.1) is None
    assert playhead.next == pytest.approx(10.51)
    playhead.follow(replace(ROLLS, tick=5000, time=10.2), 10.2)
    assert playhead.tell(10.2) == 5000


def test_another_tempo_has_its_beats_elsewhere(playhead: Playhead) -> None:
    playhead.tell(10)
    playhead.follow(replace(ROLLS.at(10.25), rate=2 * RATE), 10.25)
    assert playhead.next == pytest.approx(10.375)
