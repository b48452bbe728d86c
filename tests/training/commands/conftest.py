"""`glissar-train` as a person calls it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from training.__main__ import main
from training.data import dataset
from training.data.dataset import Dataset

Call = Callable[..., int]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """The exit status of `glissar-train args`."""

    def called(*args: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["glissar-train", *map(str, args)])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0)

    return called


@pytest.fixture
def source(data: Dataset, tmp_path: Path) -> Path:
    """The made-up corpus as a file."""
    dataset.save(data, tmp_path / "data.npz")
    return tmp_path / "data.npz"


@pytest.fixture
def config(source: Path) -> Path:
    """A small model of it, in one epoch."""
    path = source.parent / "run.toml"
    path.write_text(
        f'data = "{source}"\nepochs = 1\nbatch = 64\n'
        "model = { z = 6, embedding = 4, hidden = 8, mlp = 8 }\n"
    )
    return path
