"""An engine or a player dies while somebody plays: what is heard of it, and after it.

Player, session and model are the real ones, in simulated time.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from presets import preset
from realtime.model import Model
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
    model: Model,
    played: Played,
    kills: tuple[float, ...] = (),
    mode: str = "follow",
    who: str = "engine",
    **more: Any,
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
        elif who == "engine":
            house.kill_engine()
        else:
            house.kill_player()
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


def _outside(said: Said, kill: float, ready: float = READY) -> Said:
    """What is said but from a death until all has been caught up; and but the ends of notes that
    sound then, which may be closed or struck late."""
    back, struck, found = kill + ready + SOON, dict[int, float](), Said()
    for when, data in said:
        if data[0] == 0x91:
            struck[data[1]] = when
        if when < kill or struck[data[1]] > back:
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


APART: Played = [(n * 0.5, 0.25, 60 + n * 5 % 7) for n in range(20)]  # nobody plays as it dies


@pytest.mark.parametrize(("mode", "knobs", "delay"), CASES)
@pytest.mark.parametrize("kill", [4.3, 5.8, 5.87])
def test_another_player_has_the_plans_of_the_one_that_died(
    model: Model, kill: float, mode: str, knobs: dict[str, float], delay: int
) -> None:
    """Before, at and after the close of a window, which is 62 ms before its end."""
    settings = {"mode": mode, "knobs": knobs, "delay": delay}
    with_all = heard(model, APART, **settings)
    without = heard(model, APART, (kill,), who="player", **settings)
    assert len(with_all) > 20
    assert _outside(without, kill, GONE) == _outside(with_all, kill, GONE)


def test_keys_that_were_held_are_let_go_of_where_the_next_player_comes(model: Model) -> None:
    said = heard(model, [(0.5, 3.0, 60), (1.5, 0.25, 64)], (1.2,), who="player")
    ends = [when for when, data in said if data[:2] == b"\x81\x3c"]
    assert ends == [pytest.approx(BAR + 1.2 + GONE, abs=0.01)]
