from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
import torch

from presets.errors import GlissarError
from training import checkpoint
from training.checkpoint import Trained
from training.config import RunConfig
from training.data.bars import BACH, TWO
from training.data.dataset import Dataset


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run, tmp_path / "copy"))


def test_a_run_says_all_that_is_known_of_it(
    trained: Trained, quick: RunConfig, data: Dataset
) -> None:
    assert trained.encoding == BACH
    assert trained.dimensions == ("rhythm", "range", "density", "contour")
    assert msgspec.convert(trained.config, RunConfig) == quick
    assert trained.data == data.card
    assert trained.card == {}
    assert not trained.model.training
    assert [row["epoch"] for row in trained.history] == [1, 2]


def test_a_card_is_found_again(copy: Path) -> None:
    found = {"figures": {"tokens": {"value": 0.5}}}
    checkpoint.write_card(copy, found, "half of them\n")
    assert checkpoint.load(copy).card == found
    assert (copy / "card.txt").read_text() == "half of them\n"


def test_a_card_says_how_its_run_was_made(copy: Path, trained: Trained) -> None:
    checkpoint.write_card(copy, {}, "")
    made = json.loads((copy / "card.json").read_text())["made"]
    assert made["config"] == trained.config
    assert made["data"] == trained.data
    assert "history" not in made


def test_nothing_half_written_is_left(run: Path) -> None:
    assert sorted(p.name for p in run.iterdir()) == ["model.safetensors", "resume.pt", "run.json"]


@pytest.mark.parametrize("name", ["run.json", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x80\x04nonsense"])
def test_a_damaged_run_is_refused(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(GlissarError, match="train again"):
        checkpoint.load(copy)


@pytest.mark.parametrize("name", ["run.json", "model.safetensors"])
def test_a_run_with_something_missing_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(GlissarError, match="glissar-train run"):
        checkpoint.load(copy)


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (Path.touch, (Path("sprung"),))  # type: ignore[return-value]


@pytest.mark.parametrize("damage", ["text", "trap"])
def test_a_resume_file_is_read_without_running_what_it_says(
    copy: Path, quick: RunConfig, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy)
    if damage == "trap":
        torch.save({"model": _Trap()}, copy / checkpoint.RESUME)
    else:
        (copy / checkpoint.RESUME).write_bytes(b"no archive")
    with pytest.raises(GlissarError, match="delete it"):
        checkpoint.read_resume(copy, quick, BACH)
    assert not (copy / "sprung").exists()


def test_where_there_is_nothing_to_resume_a_run_begins(tmp_path: Path, quick: RunConfig) -> None:
    assert checkpoint.read_resume(tmp_path, quick, BACH) is None


def test_a_run_goes_on_with_windows_like_those_it_began_with(run: Path, quick: RunConfig) -> None:
    assert checkpoint.read_resume(run, quick, BACH) is not None
    with pytest.raises(GlissarError, match="other windows than when the run"):
        checkpoint.read_resume(run, quick, TWO)


def test_a_run_that_does_not_say_what_it_learnt_does_not_go_on(
    copy: Path, quick: RunConfig
) -> None:
    facts = json.loads((copy / "run.json").read_text())
    for data in ({}, None, {"encoding": "none"}):
        (copy / "run.json").write_text(json.dumps({**facts, "data": data}))
        with pytest.raises(GlissarError, match="prepare the data as they were"):
            checkpoint.read_resume(copy, quick, BACH)
