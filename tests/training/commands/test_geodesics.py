from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from training.geodesics import grid, measure

Call = Callable[..., int]
QUICK = ["--steps", "60", "--pairs", "12", "--gaps", "6", "--draws", "200", "--threads", "1"]


def test_a_table_and_a_figure(
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(grid, "SIDE", 31)
    monkeypatch.setattr(measure, "ENDLESS", 5)
    assert call("geodesics", *QUICK, "--figure", tmp_path / "yh-1.svg") == 0
    told = capsys.readouterr().out
    assert "noise once  noise anew    wanted" in told
    for row in ("energy over the straight line's", "a gap in one moon", "on a grid"):
        assert row in told
    assert "spline" not in told
    assert "as printed" in (tmp_path / "yh-1.svg").read_text()


def test_what_cannot_be_done_is_one_sentence_before_anything_is_learnt(
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "stochman", None)
    for sentence, args in {
        "stochman is not installed": ("--oracle",),
        "ends in .svg or .png": ("--figure", tmp_path / "yh-1.pdf"),
    }.items():
        assert call("geodesics", *args) == 2
        said = capsys.readouterr().err
        assert said.startswith("glissar-train: ")
        assert sentence in said
        assert said.count("\n") == 1
