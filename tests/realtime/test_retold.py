"""An engine that dies while somebody plays: what its heir is told again, and what is heard of it.

Player, session and model are the real ones, in simulated time.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from presets import preset
from realtime.events import Gesture, NoteOff, NoteOn, Rolling
from realtime.model import Model
from realtime.retold import RETOLD, Retold
from realtime.settings import Settings
from realtime.stage.mortal import Ear
from realtime.stage.simulated import GONE, LOADING, House

BAR, LEAD = 2.0, 0.0625  # s at 120 a minute
START = 1000.0  # s
READY = GONE + LOADING  # s that it takes to have another engine
SOON = 0.05  # s in which it has caught up
END = 7 * BAR
CHANGE = 1.5 * BAR
MOVED = {"density": 0.35, "contour": 0.5}
Said = list[tuple[float, bytes]]
Played = list[tuple[float, float, int]]  # second, seconds, pitch


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


class Even(Random):
    """Every message is as long on its way as every other."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


class Recording(Ear):
    """The answers, with the seconds at which they were heard."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house, self.answers = house, Said()

    def hear(self, data: bytes) -> None:
        super().hear(data)
        if data[0] & 0xEF == 0x81:
            self.answers.append((round(self._house.now - START, 6), data))


def heard(
    model: Model, played: Played, kills: tuple[float, ...] = (), mode: str = "follow", **more: Any
) -> Said:
    """What is said on the answers' channel; `mode` is set after a bar and a half."""
    house = House(model, Settings(**more), Even(1), lambda took: 0.002)
    house.ear = ear = Recording(house)
    script = [(on, bytes((0x90, pitch, 80))) for on, _, pitch in played]
    script += [(on + length, bytes((0x80, pitch, 64))) for on, length, pitch in played]
    script += [(when, b"") for when in (CHANGE, *kills)]
    house.until(START + READY)
    house.set(("/glissar/transport/play", (1,)))
    for when, data in sorted(script):
        house.until(START + READY + when)
        if data:
            house.play(data)
        elif when == CHANGE:
            house.set(("/glissar/mode", (mode,)))
        else:
            house.kill_engine()
    house.until(START + READY + END)
    house.close()
    return [(round(when - READY, 3), data) for when, data in ear.answers]


TUNE: Played = [(n * 0.25, 0.2, 60 + n * 5 % 7) for n in range(40)]


CASES = [("follow", {}, 1), ("follow", MOVED, 1), ("follow", MOVED, 2)]
CASES += [("freeze", MOVED, 1), ("generate", MOVED, 1)]


@pytest.mark.parametrize(("mode", "knobs", "delay"), CASES)
@pytest.mark.parametrize("kill", [4.3, 5.75, 5.99])
def test_music_is_back_as_soon_as_an_engine_is(
    model: Model, kill: float, mode: str, knobs: dict[str, float], delay: int
) -> None:
    """Wherever in a bar of two seconds it dies: what is heard then is what would have been."""
    settings = {"mode": mode, "knobs": knobs, "delay": delay}
    with_all = heard(model, TUNE, **settings)
    without = heard(model, TUNE, (kill,), **settings)
    assert len(with_all) > 30
    assert _outside(without, kill) == _outside(with_all, kill)


def test_who_dies_and_is_back_within_a_window_is_not_missed(model: Model) -> None:
    for knobs in ({}, MOVED):
        with_all = heard(model, TUNE, knobs=knobs)
        assert heard(model, TUNE, (4.3,), knobs=knobs) == with_all


def _outside(said: Said, kill: float) -> Said:
    """What is said but from a death until the next engine has caught up. What was to be struck
    meanwhile and still holds is struck then, so that its end is left out too."""
    struck: dict[int, float] = {}
    found = Said()
    for when, data in said:
        back = kill + READY + SOON
        on = struck.pop(data[1], when) if data[0] == 0x81 else when
        struck[data[1]] = when
        if not (kill <= on <= back or kill <= when <= back):
            found.append((when, data))
    return found


notes = st.lists(
    st.tuples(st.floats(0, END - 2 * BAR), st.floats(0.03, 1.5 * BAR), st.integers(48, 84)),
    max_size=25,
    unique_by=lambda note: note[0],
)


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(notes, st.floats(0, END - BAR), st.sampled_from([{}, MOVED]), st.integers(1, 2))
def test_whatever_is_played_the_bars_after_are_answered_as_if_nobody_had_died(
    model: Model, played: Played, kill: float, knobs: dict[str, float], delay: int
) -> None:
    settings = {"knobs": knobs, "delay": delay}
    after = kill + READY + SOON + 1.5 * BAR  # all that was struck late has ended
    whole, without = heard(model, played, **settings), heard(model, played, (kill,), **settings)
    assert [said for said in without if said[0] < kill] == [s for s in whole if s[0] < kill]
    assert [said for said in without if said[0] > after] == [s for s in whole if s[0] > after]


# --- the ring -------------------------------------------------------------------------------------

ticks = st.integers(0, 10**6)
events = st.builds(NoteOn, ticks, st.just(60), st.just(80)) | st.builds(NoteOff, ticks, st.just(60))
events |= st.builds(Gesture, ticks, st.just(b"\xe0\x00\x40"))


@given(ticks, st.lists(events, max_size=20), st.integers(0, RETOLD + 9))
def test_all_that_is_told_again_is_known_since_then(
    start: int, last: list[NoteOn], many: int
) -> None:
    ring, first = Retold(), [Gesture(start + n, b"\xd0\x00") for n in range(many)]
    for event in (NoteOn(5, 1, 1), NoteOff(6, 1)):
        ring.hear(event)
    ring.begin(start)
    for event in (*first, *last):
        ring.hear(event)
    rolling, *told = ring.again(start + 9, 3)
    assert told == [*first, *last][-RETOLD:]
    assert rolling == Rolling(start + 9, 3, since=ring.since)
    assert ring.since >= start
    if len(told) < RETOLD:
        assert ring.since == start


def test_a_flood_takes_the_oldest() -> None:
    ring = Retold()
    for tick in range(3 * RETOLD):
        ring.hear(NoteOn(tick, 60, 80))
    rolling, *told = ring.again(3 * RETOLD, 0)
    assert rolling == Rolling(3 * RETOLD, since=2 * RETOLD)
    assert [a.tick + 1 == b.tick for a, b in pairwise(told)] == [True] * (RETOLD - 1)
