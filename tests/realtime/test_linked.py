"""A Link session in scripts: where it is and when, what the song does, what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.events import Halted, Moment, Rolling
from realtime.linked import Beat, JoinSession, Linked, SetPlaying, SetSessionTempo

BAR = 3840
LOOK = 0.02


class Scene:
    """A session of a tempo, begun at 100 s at some beat, and a song in it."""

    def __init__(self, bpm: float = 120, beat: float = 0.0, bar: int = BAR) -> None:
        self.asked: list[Any] = []
        self.changes: list[Any] = []
        self.linked = Linked(100, bar, self.asked.append)
        self.time, self.beat, self.bpm = 100.0, beat, bpm
        self.playing = False

    def hear(self) -> None:
        beat = Beat(self.time, self.beat, self.bpm, self.playing, peers=1)
        self.changes += self.linked.hear(beat)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / LOOK)):
            self.time += LOOK
            self.beat += LOOK * self.bpm / 60
            self.hear()

    def roll(self, count_in: int = 0) -> None:
        self.changes += self.linked.roll(self.time, count_in)

    def halt(self) -> None:
        self.changes += self.linked.halt(self.time)

    @property
    def tick(self) -> float:
        return self.linked.map.tick_at(self.time)

    @property
    def off(self) -> float:
        """Ticks by which the song's bar lines are not the session's."""
        return (self.beat * 960 - self.tick + BAR / 2) % BAR - BAR / 2


def test_it_joins_with_a_tempo_for_a_session_of_its_own() -> None:
    assert Scene().asked == [JoinSession(100, 4)]


def test_a_joining_song_asks_nothing_of_the_others() -> None:
    scene = Scene(97)
    scene.roll()
    scene.run(10)
    scene.halt()
    assert scene.asked == [JoinSession(100, 4)]
    assert scene.linked.map.rate == 97 * 16


@pytest.mark.parametrize(("beat", "first"), [(0.0, 0), (2.5, -1440), (-0.5, -480), (1023.9, -96)])
def test_the_song_begins_on_the_next_bar_line(beat: float, first: int) -> None:
    scene = Scene(beat=beat)
    scene.hear()
    scene.roll()
    assert scene.changes == [Rolling(first)]
    scene.run(3)
    assert scene.off == pytest.approx(0, abs=1e-6)
    assert scene.tick == pytest.approx(first + 3 * 1920)


def test_a_count_in_follows_the_bar_line() -> None:
    scene = Scene(beat=3)
    scene.hear()
    scene.roll(count_in=BAR)
    assert scene.changes == [Rolling(-BAR - 960)]


def test_in_three_four_the_bar_is_of_three() -> None:
    scene = Scene(beat=4, bar=2880)
    assert scene.asked == [JoinSession(100, 3)]
    scene.hear()
    scene.roll()
    assert scene.changes == [Rolling(-1920)]


def test_a_song_waits_until_the_session_is_known() -> None:
    scene = Scene(97, beat=6)
    scene.roll()
    scene.roll()
    assert scene.changes == []
    assert not scene.linked.map.rolling
    scene.hear()
    assert scene.changes == [Rolling(-1920)]


def test_a_song_stopped_while_it_waits_does_not_begin() -> None:
    scene = Scene()
    scene.roll()
    scene.halt()
    scene.run(1)
    assert scene.changes == []


def test_a_stop_is_at_once_and_the_next_song_begins_anew() -> None:
    scene = Scene()
    scene.hear()
    scene.roll()
    scene.run(2.5)
    scene.halt()
    scene.halt()
    scene.roll()
    assert scene.changes == [Rolling(0), Halted(4800), Rolling(-2880)]


def test_a_tempo_that_others_change_is_taken_up_in_place() -> None:
    scene = Scene()
    scene.hear()
    scene.roll()
    scene.run(1)
    scene.bpm = 90
    scene.run(1)
    assert scene.tick == pytest.approx(1920 + 1440)
    assert scene.linked.map.rate == 90 * 16
    assert scene.changes == [Rolling(0)]


@given(st.floats(-200, 200), st.floats(0.1, 5))
def test_a_session_a_little_off_moves_the_song(ticks: float, after: float) -> None:
    scene = Scene()
    scene.hear()
    scene.roll()
    scene.run(after)
    scene.beat += ticks / 960
    scene.run(0.2)
    assert scene.changes == [Rolling(0)]
    assert scene.off == pytest.approx(0, abs=1e-6)


@given(st.floats(0.3, 3.7), st.floats(0.1, 5))
def test_a_session_that_leaps_is_met_on_its_next_bar_line(beats: float, after: float) -> None:
    """The song goes on with its next bar, whichever bar the session is in."""
    scene = Scene()
    scene.hear()
    scene.roll()
    scene.run(after)
    before = scene.tick
    scene.beat += beats
    scene.hear()
    rolled, halted, again = scene.changes
    assert (rolled, halted) == (Rolling(0), Halted(int(before)))
    assert before - BAR < again.tick <= before + BAR
    assert scene.off == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("bars", [-7, 1, 1000])
def test_which_bar_the_session_is_in_is_nothing_to_the_song(bars: int) -> None:
    scene = Scene()
    scene.hear()
    scene.roll()
    scene.run(1.3)
    scene.beat += 4 * bars
    scene.run(1.3)
    assert scene.changes == [Rolling(0)]
    assert scene.tick == pytest.approx(2.6 * 1920)


def test_a_tempo_set_by_hand_is_the_sessions() -> None:
    scene = Scene()
    scene.linked.set_tempo(scene.time, 133)
    scene.linked.set_tempo(scene.time, 90, beats=8)  # it stands: there are no beats to go by
    assert scene.asked[1:] == [SetSessionTempo(133), SetSessionTempo(90)]


def test_a_ramp_leads_the_session() -> None:
    scene = Scene(120)
    scene.hear()
    scene.roll()
    scene.linked.set_tempo(scene.time, 60, beats=4)
    asked: list[float] = []
    while scene.tick < 6 * 960:
        scene.run(LOOK)
        if new := [order.bpm for order in scene.asked[1:]]:
            scene.bpm = new[-1]
            asked, scene.asked[1:] = asked + new, []
        if len(asked) == 1 and scene.tick < 960:
            assert asked[0] > 118
    assert asked == sorted(asked, reverse=True)
    assert asked[-1] == 60
    assert scene.linked.map.rate == 60 * 16
    assert len(asked) == len(set(asked)) > 100  # none after its end


@pytest.mark.parametrize("end", [lambda s: s.halt(), lambda s: s.linked.set_tempo(s.time, 77)])
def test_a_stop_or_another_tempo_ends_a_ramp(end: Callable[[Scene], None]) -> None:
    scene = Scene()
    scene.hear()
    scene.roll()
    scene.linked.set_tempo(scene.time, 60, beats=4)
    scene.run(1)
    end(scene)
    count = len(scene.asked)
    scene.run(1)
    assert len(scene.asked) == count


def test_it_starts_and_stops_with_the_others() -> None:
    scene = Scene(beat=1)
    scene.hear()
    scene.playing = True
    scene.run(3)
    scene.playing = False
    scene.run(1)
    assert [type(change) for change in scene.changes] == [Rolling, Halted]
    assert scene.asked == [JoinSession(100, 4)]


def test_a_session_that_plays_already_is_played_with() -> None:
    scene = Scene(beat=2)
    scene.playing = True
    scene.hear()
    assert scene.changes == [Rolling(-1920)]


def test_a_start_of_our_own_that_comes_back_starts_nothing() -> None:
    scene = Scene()
    scene.hear()
    scene.roll()
    scene.linked.share(True)
    scene.run(0.1)
    scene.playing = True
    scene.run(2)
    assert scene.changes == [Rolling(0)]
    assert scene.asked[1:] == [SetPlaying(True)]


def test_another_player_goes_on_and_finds_the_session_by_its_bar_lines() -> None:
    """The session's beats have other numbers for it."""
    scene = Scene(beat=0)
    scene.linked.resume(Moment(10 * BAR + 100, 99.5, 1920, True))
    assert scene.tick == 10 * BAR + 1060
    scene.beat = 405.1
    scene.hear()
    assert scene.changes == []
    assert scene.tick == pytest.approx(10 * BAR + 1.1 * 960)
