from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from training import __main__ as command
from training import dataset
from training.dataset import Dataset


def call(monkeypatch: pytest.MonkeyPatch, *args: str | Path) -> int:
    """The exit status of `glissar-train args`."""
    monkeypatch.setattr(sys, "argv", ["glissar-train", *map(str, args)])
    with pytest.raises(SystemExit) as left:
        command.main()
    return int(left.value.code or 0)


@pytest.fixture
def config(data: Dataset, tmp_path: Path) -> Path:
    dataset.save(data, tmp_path / "data.npz")
    path = tmp_path / "run.toml"
    path.write_text(
        f'data = "{tmp_path}/data.npz"\nepochs = 1\nbatch = 64\n'
        "model = { z = 6, embedding = 4, hidden = 8, mlp = 8 }\n"
    )
    return path


def test_train_then_evaluate(
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = tmp_path / "run"
    assert call(monkeypatch, "run", config, "-o", run, "--accelerator", "cpu") == 0
    assert json.loads((run / "run.json").read_text())["command"].startswith("glissar-train run")
    assert call(monkeypatch, "evaluate", run, "--sample", "4", "--no-figures") == 0
    told = capsys.readouterr().out
    card = json.loads((run / "card.json").read_text())
    assert card["windows turned"] == 4
    for name, figure in card["figures"].items():
        assert f"{name:34} {figure['value']:.4f}" in told


def test_choosing_by_validation_writes_no_card(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    assert call(monkeypatch, "run", config, "-o", run, "--accelerator", "cpu") == 0
    args = ("evaluate", run, "--split", "validation", "--sample", "2")
    assert call(monkeypatch, *args) == 0
    assert not (run / "card.json").exists()


def test_mistakes_are_one_sentence_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("epocs = 3")
    astray = tmp_path / "astray.toml"
    astray.write_text(f'data = "{tmp_path}/none.npz"')
    for args in (
        ("run", tmp_path / "none.toml", "-o", tmp_path / "run"),
        ("run", wrong, "-o", tmp_path / "run"),
        ("run", astray, "-o", tmp_path / "run"),
        ("evaluate", tmp_path / "run"),
    ):
        assert call(monkeypatch, *args) == 2
        said = capsys.readouterr().err
        assert said.startswith("glissar-train: ")
        assert said.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "args",
    [
        ("--accelerator", "banana"),
        ("--accelerator", "cuda"),
        ("--devices", "0"),
        ("--devices", "abc"),
        ("--strategy", "banana"),
        ("--threads", "-1"),
        ("--set", "seed=99999999999999999999999"),
        ("--set", 'attributes=["range", "range"]'),
    ],
)
def test_what_no_machine_can_do_is_a_sentence(
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    args: tuple[str, ...],
) -> None:
    assert call(monkeypatch, "run", config, "-o", tmp_path / "run", *args) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.strip()


@pytest.mark.parametrize("what", ["file", "below a file"])
def test_a_run_that_cannot_be_written_is_not_trained(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    what: str,
) -> None:
    output = config if what == "file" else config / "run"
    before = config.read_bytes()
    assert call(monkeypatch, "run", config, "-o", output) == 2
    assert "cannot be a run's folder" in capsys.readouterr().err
    assert config.read_bytes() == before


def test_a_dataset_replaces_no_other_kind_of_file(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = config.read_bytes()
    assert call(monkeypatch, "prepare", "-o", config) == 2
    assert "ends in .npz" in capsys.readouterr().err
    assert config.read_bytes() == before


def test_few_steps_are_told_of_with_what_would_do(
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(monkeypatch, "run", config, "-o", tmp_path / "run", "--accelerator", "cpu") == 0
    windows = len(dataset.load(tmp_path / "data.npz").splits["train"])
    said = capsys.readouterr().err
    assert f"{windows} windows in 1 epochs are {windows // 64} steps" in said
    assert f"--set epochs={-(-3000 // (windows // 64))} " in said


def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "music21", None)
    for module in [name for name in sys.modules if name.startswith("training.corpora")]:
        monkeypatch.delitem(sys.modules, module)
    assert call(monkeypatch, "prepare") == 2
    assert "glissar[train]" in capsys.readouterr().err
