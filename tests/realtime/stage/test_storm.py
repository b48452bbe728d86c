"""The random events of the benchmark, a few thousand of them, and that its ear can hear a fault."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presets import preset
from realtime.model import Model
from realtime.stage.mortal import Ear
from realtime.stage.storm import FAULTS, night


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 1 << 32))
def test_no_night_leaves_a_note_sounding(model: Model, number: int) -> None:
    """20 nights of 1,000 events; a failing one is named, and is the same when it is run again."""
    found = night([model], number, 1000)
    assert {fault: found[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
    assert found["note-ons"]


def test_a_night_is_the_same_when_it_is_run_again(model: Model) -> None:
    first = night([model], 3, 500)
    assert first["kills"]
    assert first["windows"]
    assert night([model], 3, 500) == first


def test_presets_are_swapped_and_swapped_back(model: Model) -> None:
    """One of other windows too; what fails at its first answer makes room for the one before."""
    models, found = [model, Model(preset.read_named("bach-2"))], Counter[str]()
    for number in range(6):
        found += night(models, number, 600)
    assert found["presets swapped"] > found["of them swapped back"] > 0
    assert {fault: found[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)


def test_the_ear_counts_what_hangs_and_what_is_struck_twice() -> None:
    ear = Ear()
    for data in ("913c40", "813c40", "913c40", "913c40", "904040", "b04000", "f8"):
        ear.hear(bytes.fromhex(data))
    ear.expect_silence([1])
    ear.expect_silence([1])
    assert (ear.counts["note-ons"], ear.counts["note-ons on channel 2"]) == (4, 3)
    assert (ear.counts["struck twice"], ear.counts["unmatched"]) == (1, 1)
    assert ear.sounding == {(0, 64)}
