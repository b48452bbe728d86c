"""The soak of the benchmark for some seconds: who is there after it, and that growth is seen."""

from __future__ import annotations

import os
from typing import Any

import pytest

from realtime.stage import floods, soak
from realtime.stage.soak import Memory


def test_growth_is_from_after_the_warm_up_to_the_end() -> None:
    memory = Memory()
    memory.samples["engine"] = [10, 50, *[100] * 2, 101, 105, 105, 106, *[110] * 2]
    assert memory.growth("engine") == pytest.approx(10)


def test_a_process_with_another_id_was_started_again() -> None:
    memory, here = Memory(), os.getpid()
    memory.look({"engine": here, "player": here})
    assert memory.restarts == 0
    memory.look({"engine": os.getppid(), "player": here})
    assert memory.restarts == 1
    assert min(memory.samples["engine"]) > 1


def test_a_simulated_household_is_looked_at_all_the_while() -> None:
    memory = Memory()
    soak.simulate(20, memory)
    [values] = memory.samples.values()
    assert len(values) == soak.LOOKS


@pytest.mark.ports
def test_after_a_flood_answers_come_and_nobody_died(jack: Any) -> None:
    memory = Memory()
    sent, answers = soak.flood(jack, 4, memory)
    assert sent >= floods.CHUNK
    assert answers >= 3
    assert set(memory.samples) == {"supervisor", "player", "engine"}
    assert memory.restarts == 0
