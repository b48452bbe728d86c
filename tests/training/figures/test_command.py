from __future__ import annotations

import sys
from pathlib import Path

import pytest

from training import __main__ as command
from training import dataset
from training.dataset import Dataset


@pytest.fixture
def source(data: Dataset, tmp_path: Path) -> Path:
    dataset.save(data, tmp_path / "data.npz")
    return tmp_path / "data.npz"


def call(monkeypatch: pytest.MonkeyPatch, *args: str | Path) -> int:
    """The exit status of `glissar-train figure args`."""
    monkeypatch.setattr(sys, "argv", ["glissar-train", "figure", *map(str, args)])
    with pytest.raises(SystemExit) as left:
        command.main()
    return int(left.value.code or 0)


def test_a_figure_from_a_folder_into_a_file(
    run: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one.svg", "two.svg"):
        assert call(monkeypatch, "ar-11", run, "--data", source, "-o", tmp_path / name) == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_mistakes_are_one_sentence_and_draw_nothing(
    run: Path,
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
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
        assert call(monkeypatch, *args, "--data", source) == 2
        said = capsys.readouterr().err
        assert said.startswith("glissar-train: ")
        assert sentence in said
        assert said.count("\n") == 1
    assert set(tmp_path.iterdir()) == {source, source.with_suffix(".json")}
