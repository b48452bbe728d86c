"""`glissar bench stage` as a person meets it. How fast it is, is not asked here."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from realtime.__main__ import cli
from realtime.stage.rig import TOOLS
from realtime.stage.scenario import SCENARIOS
from realtime.stage.waiting import JackWedgedError

SMALL = "0.001"  # of the length that is reported
OURS = "thru", "send", "knob", "panel", "follow"


@pytest.mark.ports
@pytest.mark.parametrize("name", OURS)
def test_a_scenario_is_measured_and_reported(name: str, tmp_path: Path):
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        pytest.skip(f"no {missing[0]} here: apt install jackd2 liblo-tools.")
    output = tmp_path / "stage.md"
    arguments = ["bench", "stage", name, "--share", SMALL, "-o", str(output)]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    text = output.read_text("utf-8")
    assert "| real-time priority |" in text
    assert f"## {SCENARIOS[name].title}" in text
    if "Not measured" in text and "wedged itself" in text:
        raise JackWedgedError("three of the command's servers")
    assert "Not measured" not in text
    assert "| none |" not in text  # a figure of no samples
    assert "reached" in text or "missed" in text
    ElementTree.parse(tmp_path / f"stage-{name}.svg")


def test_missing_jack_client_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("realtime.stage.rig.find_spec", {"isobar": "here"}.get)
    done = CliRunner().invoke(cli, ["bench", "stage", "thru"])
    assert "pip install '.[stage]'" in str(done.exception)


def test_a_scenario_that_is_none_is_refused_with_those_that_are():
    done = CliRunner().invoke(cli, ["bench", "stage", "dance"])
    assert done.exit_code == 2
    assert "'thru'" in done.output


def test_bench_itself_measures_as_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("realtime.bench.WARM_UP", 1)
    done = CliRunner().invoke(cli, ["bench", "-p", "bach", "--rounds", "10"])
    assert done.exit_code == 0, done.output
    assert "whole answer" in done.output
