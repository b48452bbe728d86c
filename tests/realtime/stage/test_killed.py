"""Each death once; it is measured more often, and there with its times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realtime.stage.household import Household
from realtime.stage.killed import DEEDS, FLAGS, STATE, Deed, Tally, _hanging, _over, once

SURE = [deed for deed in DEEDS if deed.title != "player hung"]  # JACK 2 hangs with it


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


def test_notes_that_outlast_their_plan_are_weighed():
    played = [(0, 4000, 60), (6000, 9000, 64)]
    answers = [(48_100, 52_100, 60), (54_000, 58_800, 64)]
    assert _over(played, answers, 49_000) == 1800
    assert _over(played, answers[:1], 49_000) == 100
    assert _over(played, answers, 200_000) == 0  # all over by then
