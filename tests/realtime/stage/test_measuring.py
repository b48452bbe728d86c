"""A server that wedges itself shows nothing: the scenario is measured on another."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime import stage
from realtime.stage.measuring import TAKES, measure
from realtime.stage.scenario import Scenario

MODULE = """
from realtime.stage.waiting import JackWedgedError
from realtime.stage.scenario import Figure, Finding

takes = 0

def measure(share):
    global takes
    takes += 1
    if takes <= {wedged}:
        raise JackWedgedError("by itself")
    if {dead}:
        raise TimeoutError("glissar is not ready")
    return Finding([Figure("share", share, "")], notes=["Measured."])
"""


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    wedged, dead = request.param
    name = f"measured_{wedged}_{dead}"
    (tmp_path / f"{name}.py").write_text(MODULE.format(wedged=wedged, dead=dead))
    monkeypatch.setattr(stage, "__path__", [*stage.__path__, str(tmp_path)])
    return Scenario("One of the test's", name)


@pytest.mark.parametrize("scenario", [(2, False)], indirect=True)
def test_it_is_tried_again_and_says_so(scenario: Scenario):
    finding = measure(scenario, 0.5)
    assert [figure.value for figure in finding.figures] == [0.5]
    assert [note.split(":")[0] for note in finding.notes] == [
        "Measured.",
        "The JACK server of take 1 wedged itself",
        "The JACK server of take 2 wedged itself",
    ]


@pytest.mark.parametrize("scenario", [(TAKES, False)], indirect=True)
def test_three_times_are_enough(scenario: Scenario):
    finding = measure(scenario, 1)
    assert not finding.figures
    assert len(finding.notes) == TAKES + 1


@pytest.mark.parametrize("scenario", [(0, True)], indirect=True)
def test_what_does_not_happen_in_time_is_not_measured(scenario: Scenario):
    assert measure(scenario, 1).notes == ["Not measured: glissar is not ready."]
