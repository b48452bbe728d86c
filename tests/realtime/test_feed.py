"""A tune as a DAW would play it: what comes when, and that every key is let go."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.clock_out import CLOCK, LEAD, START, STOP
from realtime.feed import Feed, score, tempo
from realtime.midifile import Tune, read
from realtime.ports.systems import RtMidiError

BAR, BEAT = 3840, 960
ON, OFF = bytes((0x90, 60, 80)), bytes((0x80, 60, 64))
TUNE = Path(__file__).parents[1] / "tunes" / "ode-to-joy.mid"


def tune(*messages: tuple[int, bytes], tempos: tuple[tuple[int, int], ...] = ()) -> Tune:
    return Tune(tuple(messages), tempos, ())


def test_clocks_start_a_moment_after_the_start_and_before_the_notes_of_their_tick() -> None:
    messages = score(tune((0, ON), (BEAT, OFF)), BAR, 1)
    assert [data for _, data in messages[:3]] == [START, CLOCK, ON]
    assert [seconds for seconds, _ in messages[:3]] == [0, LEAD, LEAD]


def test_it_goes_on_until_the_last_answer_has_sounded() -> None:
    messages = score(tune((0, ON), (BAR + 1, OFF)), BAR, 2)
    assert sum(data == CLOCK for _, data in messages) == 4 * 4 * 24  # two bars, and two more
    assert messages[-1] == (pytest.approx(LEAD + 8.0), STOP)


def test_a_tempo_changes_where_the_file_says_so() -> None:
    changing = tune((0, ON), (4 * BEAT, OFF), tempos=((2 * BEAT, 1_000_000), (3 * BEAT, 250_000)))
    at = {data: seconds for seconds, data in score(changing, BAR, 1)}
    assert at[OFF] == pytest.approx(LEAD + 0.5 + 0.5 + 1.0 + 0.25)
    assert tempo(changing) == 120.0


@pytest.mark.parametrize(
    ("tempos", "told"),
    [((), 120), (((0, 600_000),), 100), (((0, 0),), 400), (((0, 1 << 24),), 20)],
)
def test_the_tempo_it_begins_in(tempos: tuple[tuple[int, int], ...], told: float) -> None:
    assert tempo(tune((0, ON), tempos=tempos)) == pytest.approx(told)


def test_instruments_are_left_out_and_all_else_is_played() -> None:
    chosen = score(tune((0, b"\xc0\x05"), (0, b"\xb0\x40\x7f"), (0, ON), (9, OFF)), BAR, 1)
    said = [data for _, data in chosen if data != CLOCK]
    assert said == [START, b"\xb0\x40\x7f", ON, OFF, STOP]


@given(
    ticks=st.lists(st.integers(0, 20_000), min_size=1, max_size=20),
    tempos=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 1 << 24)), max_size=4),
    window=st.sampled_from([BAR, 2 * BAR, 16 * BAR]),
)
def test_time_never_runs_back(ticks: list[int], tempos: list[tuple[int, int]], window: int) -> None:
    messages = score(
        tune(*((tick, ON) for tick in sorted(ticks)), tempos=tuple(sorted(tempos))), window, 1
    )
    assert all(a <= b for (a, _), (b, _) in pairwise(messages))
    assert sum(data == ON for _, data in messages) == len(ticks)
    assert sum(data == CLOCK for _, data in messages) % (window // 40) == 0


def played(messages: list[tuple[float, bytes]]) -> list[bytes]:
    said: list[bytes] = []
    done = threading.Event()
    feed = Feed(said.append, messages)
    feed.start(done.set)
    assert done.wait(60)
    feed.close()
    return said


def test_a_tune_is_played_whole() -> None:
    whole = [(0.0, data) for _, data in score(read(TUNE), BAR, 1)]
    assert played(whole) == [data for _, data in whole]


def test_what_a_file_leaves_down_is_let_go() -> None:
    assert played([(0.0, ON), (0.0, bytes((0x95, 7, 1))), (0.0, bytes((0x95, 7, 0)))])[3:] == [OFF]


def test_one_that_is_ended_lets_go_and_stops() -> None:
    said: list[bytes] = []
    struck, done = threading.Event(), threading.Event()

    def send(data: bytes) -> None:
        said.append(data)
        struck.set()

    feed = Feed(send, [(0.0, ON), (3600.0, OFF)])
    feed.start(done.set)
    assert struck.wait(60)
    feed.close()
    assert said == [ON, OFF, STOP]
    assert done.is_set()


def test_a_port_that_is_gone_ends_it() -> None:
    def send(_: bytes) -> None:
        raise RtMidiError("gone")

    done = threading.Event()
    feed = Feed(send, [(0.0, ON)])
    feed.start(done.set)
    assert done.wait(60)
    feed.close()


def test_one_that_never_began_is_closed() -> None:
    Feed(list[bytes]().append, [(0.0, ON)]).close()
