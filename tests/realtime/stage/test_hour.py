"""The hour of the benchmark, half a minute of it, with answers that take a given time."""

from __future__ import annotations

from pathlib import Path

import pytest

from presets import preset
from realtime.model import Model
from realtime.stage.hour import play


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


@pytest.mark.parametrize(("took", "late"), [(0.001, 0), (0.02, 0), (0.07, 16)])
def test_answers_are_there_at_the_line_if_they_take_less_than_half_a_step(
    model: Model, took: float, late: int
) -> None:
    found = play(model, 30, lambda _: took)
    figures = {figure.what: figure.value for figure in found.figures}
    assert figures == {
        "windows": 16,
        "answers after their line": late,
        "windows without an answer": 0,
        "dry fall-backs": 0,
    }
    [spent] = found.samples.values()
    # At the line a held note's end may be planned; a message is under way for up to 2 ms.
    assert min(spent) >= min(took * 1e3, 60) - 2
