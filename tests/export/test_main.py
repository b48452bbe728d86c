"""The command line: the default command, and refusals in one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from export import package
from export.__main__ import cli, main
from presets import folders
from presets.preset import Preset
from training.data import dataset
from training.data.bars import Bars, stack
from training.data.dataset import Dataset
from training.data.split import SPLITS


def _refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str
) -> str:
    monkeypatch.setattr(sys, "argv", ["glissar-export", *args])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    return capsys.readouterr().err


def test_help_names_the_commands() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert {"preset", "bench"} <= set(result.output.split())


def test_what_is_not_a_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _refusal(monkeypatch, capsys, str(tmp_path / "none"), "-o", str(tmp_path / "p"))
    assert said.startswith("glissar-export: ")
    assert "is not a run" in said
    assert not (tmp_path / "p").exists()


def test_a_run_without_its_data_is_refused(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "gone.npz")
    said = _refusal(monkeypatch, capsys, str(run), "-o", str(tmp_path / "p"), "--data", missing)
    assert f"there is no dataset {missing}" in said
    assert not (tmp_path / "p").exists()


def test_a_run_is_exported_with_its_own_kind_of_data(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = {side: Bars(stack([], 48), np.zeros(0, np.int32)) for side in SPLITS}
    other = tmp_path / "pairs.npz"
    dataset.save(Dataset(bars, ("none",), {"encoding": "bar24-midi-2"}), other)
    args = (str(run), "-o", str(tmp_path / "p"), "--data", str(other))
    assert "give the data that it was trained on" in _refusal(monkeypatch, capsys, *args)
    assert not (tmp_path / "p").exists()


def test_a_name_that_a_shipped_preset_has_is_told(
    run: Path, preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = {path: preset.graph(path) for path in ("encoder.onnx", "decoder.onnx")}
    monkeypatch.setattr(package, "graphs_of", lambda *_: graphs)  # they take torch half a minute
    shelf = tmp_path / "shelf"
    (shelf / "bach").mkdir(parents=True)
    (shelf / "bach" / "preset.json").write_text("{}")
    monkeypatch.setattr(folders, "SHIPPED", shelf)
    done = CliRunner().invoke(cli, [str(run), "-o", str(tmp_path / "bach")])
    assert done.exit_code == 0
    assert f"glissar's anywhere else; say -p {tmp_path / 'bach'}, or" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_preset_that_is_not_there_cannot_be_timed(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _refusal(monkeypatch, capsys, "bench", str(tmp_path / "none"), "--run", str(run))
    assert "there is no preset" in said
