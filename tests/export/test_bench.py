"""The benchmark runs and reports; its figures are for people, not for tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from export import bench
from export.__main__ import cli
from presets.preset import Preset
from training.checkpoint import Trained


@pytest.fixture(autouse=True)
def _threads() -> object:
    """The benchmark takes torch down to one thread."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def test_every_contender_is_timed(preset: Preset, trained: Trained) -> None:
    rows = bench.compare(preset, trained.model, calls=30)
    assert [row.name for row in rows] == [bench.OURS, bench.ANSWER, bench.EAGER, bench.TRAINING]
    assert all(0 < row.p50 <= row.p99 <= row.p999 for row in rows)


def test_the_command_names_the_machine(preset_folder: Path, run: Path) -> None:
    asked = ["bench", str(preset_folder), "--run", str(run), "--calls", "20"]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 0
    head, _, ours, *_ = result.output.splitlines()
    assert "cores" in head
    assert "one thread, 20 calls each" in head
    assert ours.startswith(bench.OURS)
    assert ours.endswith("1.00")
