from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., int]


def test_train_then_evaluate(
    config: Path,
    tmp_path: Path,
    call: Call,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = tmp_path / "run"
    assert call("run", config, "-o", run, "--accelerator", "cpu") == 0
    assert json.loads((run / "run.json").read_text())["command"].startswith("glissar-train run")
    assert call("evaluate", run, "--sample", "4", "--no-figures") == 0
    told = capsys.readouterr().out
    card = json.loads((run / "card.json").read_text())
    assert card["windows turned"] == 4
    for name, figure in card["figures"].items():
        assert f"{name:34} {figure['value']:.4f}" in told


def test_choosing_by_validation_writes_no_card(config: Path, tmp_path: Path, call: Call) -> None:
    run = tmp_path / "run"
    assert call("run", config, "-o", run, "--accelerator", "cpu") == 0
    args = ("evaluate", run, "--split", "validation", "--sample", "2")
    assert call(*args) == 0
    assert not (run / "card.json").exists()
