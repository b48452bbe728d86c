"""`glissar cc`: the map in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from realtime.commands.cc import command


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("glissar.toml").write_text("[controller]\nmap = 'mine.json'\n")


def test_what_is_mapped_is_listed_and_where() -> None:
    empty = CliRunner().invoke(command)
    assert (empty.stdout, empty.stderr) == ("", "nothing is mapped yet; mine.json\n")
    entry = {"address": "/glissar/mode", "channel": 1, "controller": 10, "fine": True}
    Path("mine.json").write_text(json.dumps({"controllers": [entry], "programs": ["bach"]}))
    done = CliRunner().invoke(command)
    assert done.stdout == "1:10/42 /glissar/mode\nprogram 1 /glissar/preset/load bach\n"
    assert done.stderr == "mine.json\n"


def test_a_file_that_is_no_map_is_refused_by_its_name() -> None:
    Path("mine.json").write_text("[")
    done = CliRunner().invoke(command)
    assert "mine.json is no map of controllers" in str(done.exception)
