"""Each death once; it is measured more often, and there with its times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realtime.stage.hearing import RATE, Heard
from realtime.stage.household import Household
from realtime.stage.killed import (
    BPM,
    DEEDS,
    FLAGS,
    STATE,
    Deed,
    Tally,
    _frame,
    _hanging,
    _over,
    once,
)

# JACK 2 hangs with a player that does.
SURE = [deed for deed in DEEDS if deed.title != "player hung" and deed.bpm == BPM]


@pytest.mark.ports
@pytest.mark.parametrize("deed", SURE, ids=[deed.title for deed in SURE])
def test_who_dies_comes_back_with_the_state_and_leaves_no_note(
    jack: Any, tiny_preset: Path, deed: Deed
):
    peer, tally = jack.peer(), Tally()
    house = Household.play(jack.folder, *FLAGS, "--preset", str(tiny_preset))
    try:
        house.say(STATE, 7)
        once(house, peer, deed, tally)
        assert house.ask(STATE) == 7
        assert len(tally.back) == 1
        assert house.count("it hung") == ("hung" in deed.title)
        assert _hanging(peer) == 0
    finally:
        house.end()


def test_a_moment_has_its_frame():
    """Of three notes that were heard 3, 1 and 7 ms after they sounded."""
    heard = [
        Heard(f, b"", 100 + f / RATE + late) for f, late in ((480, 3e-3), (960, 1e-3), (0, 7e-3))
    ]
    assert _frame(heard, 101.001) == RATE


def test_notes_that_outlast_their_plan_are_weighed():
    played = [(0, 4000, 60), (6000, 9000, 64)]
    answers = [(48_100, 52_100, 60), (54_000, 58_800, 64)]
    assert _over(played, answers, 49_000, RATE) == 1800
    assert _over(played, answers[:1], 49_000, RATE) == 100
    assert _over(played, answers, 200_000, RATE) == 0  # all over by then
