"""A few of the cycles that are measured a thousand times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime.stage.household import PLAYER, Household, files
from realtime.stage.scenario import SCENARIOS
from realtime.stage.unplug import FLAGS, Tally, _found, lose_ear, lose_keys

pytestmark = pytest.mark.ports


@pytest.fixture
def playing(jack: Any, tiny_preset: Path) -> Iterator[tuple[Any, Household]]:
    peer = jack.peer()
    house = Household.play(jack.folder, *FLAGS, "--preset", str(tiny_preset))
    yield peer, house
    house.end()


def test_devices_that_go_and_come_back_leave_no_note_and_nothing_open(playing: Any):
    peer, house = playing
    tally = Tally()
    tally.back.append(lose_keys(peer, 60, 0.3))
    [player] = house.pids(PLAYER)
    before = files(player)
    for number, lose in enumerate((lose_ear, lose_keys, lose_ear, lose_ear)):
        tally.back.append(lose(peer, 62 + number, 0.1 * number))
    assert house.pids(PLAYER) == [player]  # it is the same one
    assert files(player) == before
    assert house.count("The MIDI input peer:keys is gone. It is taken up")
    assert house.count("The MIDI input peer:keys is back.")
    figures = {figure.what: figure for figure in _found(tally).figures}
    assert figures["cycles"].value == 5
    assert figures["hung notes"].met


def test_it_is_in_the_table():
    assert SCENARIOS["unplug"].module == "unplug"
