from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from training.data import dataset

Call = Callable[..., int]


def test_mistakes_are_one_sentence_and_leave_nothing(
    tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
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
        assert call(*args) == 2
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
    call: Call,
    capsys: pytest.CaptureFixture[str],
    args: tuple[str, ...],
) -> None:
    assert call("run", config, "-o", tmp_path / "run", *args) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.strip()


@pytest.mark.parametrize("what", ["file", "below a file"])
def test_a_run_that_cannot_be_written_is_not_trained(
    config: Path,
    call: Call,
    capsys: pytest.CaptureFixture[str],
    what: str,
) -> None:
    output = config if what == "file" else config / "run"
    before = config.read_bytes()
    assert call("run", config, "-o", output) == 2
    assert "cannot be a run's folder" in capsys.readouterr().err
    assert config.read_bytes() == before


def test_few_steps_are_told_of_with_what_would_do(
    config: Path,
    tmp_path: Path,
    call: Call,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("run", config, "-o", tmp_path / "run", "--accelerator", "cpu") == 0
    windows = len(dataset.load(tmp_path / "data.npz").splits["train"])
    said = capsys.readouterr().err
    assert f"{windows} windows in 1 epochs are {windows // 64} steps" in said
    assert f"--set epochs={-(-3000 // (windows // 64))} " in said


@pytest.mark.parametrize("command", ["run", "profile"])
def test_data_that_the_method_cannot_learn_are_refused_before_anything_is_written(
    source: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    config = tmp_path / "glsr.toml"
    config.write_text(f'method = "glsr-vae"\ndata = "{source}"\n')
    into = ("-o", tmp_path / "run") if command == "run" else ()
    assert call(command, config, *into) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"glissar-train: {source} is not of two bars at a time")
    assert said.count("\n") == 1
    assert not (tmp_path / "run").exists()
