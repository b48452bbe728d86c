from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., int]


def test_a_figure_from_a_folder_into_a_file(
    run: Path, source: Path, tmp_path: Path, call: Call
) -> None:
    for name in ("one.svg", "two.svg"):
        assert call("figure", "ar-11", run, "--data", source, "-o", tmp_path / name) == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_mistakes_are_one_sentence_and_draw_nothing(
    run: Path,
    source: Path,
    tmp_path: Path,
    call: Call,
    capsys: pytest.CaptureFixture[str],
) -> None:
    drawn = tmp_path / "figure.svg"
    for sentence, args in {
        "there is no figure": ("ar-99", run, "-o", drawn),
        "ends in .svg or .png": ("ar-3", run, "-o", tmp_path / "figure.pdf"),
        "is not a run": ("ar-3", tmp_path, "-o", drawn),
        "has no card": ("ar-3", run, "-o", drawn),
        "takes one run and not 2": ("ar-11", run, run, "-o", drawn),
        "shows runs of glsr-vae": ("glsr-2", run, "-o", drawn),
    }.items():
        assert call("figure", *args, "--data", source) == 2
        said = capsys.readouterr().err
        assert said.startswith("glissar-train: ")
        assert sentence in said
        assert said.count("\n") == 1
    assert set(tmp_path.iterdir()) == {source, source.with_suffix(".json")}
