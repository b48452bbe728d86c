"""The load of `send`: panels that are told everything, and presets that they see come."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.settings import Settings
from realtime.stage import load
from realtime.stage.house import House


@pytest.mark.ports
def test_panels_are_told_of_knobs_and_of_every_preset(
    jack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "SWAP_EVERY", 0.5)
    house = House(jack, Settings())
    with load.busy(jack, house) as done:
        jack.wait(lambda: done.asked, "no preset is asked for")
    house.leave()
    assert done.swaps == done.asked
    assert done.messages
    assert done.panels["told"] > done.panels["turned"] > 0
    assert done.panels["trees"] >= 2 + done.swaps  # at first, and at every one
    assert not done.panels.keys() & {"lost", "refused"}
