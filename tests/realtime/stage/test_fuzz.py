"""The fuzzing of the benchmark, a few thousand cases of it, and that it notices what it is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presets import preset
from realtime.model import Model
from realtime.stage import cases, fuzz
from realtime.stage.fuzz import Toll

SOME = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


@pytest.mark.parametrize("fuzz", [fuzz.osc, fuzz.midi])
@SOME
@given(number=st.integers(0, 1 << 32))
def test_no_bytes_raise(
    model: Model, fuzz: Callable[[Model, int, int, Toll], None], number: int
) -> None:
    toll = Toll()
    fuzz(model, number, 1000, toll)
    assert toll.cases == 1000
    assert toll.crashes == []  # how long one takes is measured, not tested


def test_cases_are_the_same_by_their_number_and_mostly_different() -> None:
    for made in (cases.osc_cases, cases.midi_cases):
        first = list(made(5, 500))
        assert first == list(made(5, 500))
        assert len(set(first)) > 250


def test_what_raises_is_kept_with_its_bytes() -> None:
    toll = Toll()
    with toll.of(b"\x90"):
        raise IndexError(1)
    assert toll.crashes == ["IndexError(1) of 90"]
    with toll.of(b""):
        pass
    assert len(toll.crashes) == 1
