from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from export.constraints import into
from presets import preset as presets
from presets.errors import GlissarError
from realtime.events import Work
from realtime.model import Model
from training.__main__ import cli
from training.constraints import record
from training.data import dataset
from training.data.dataset import Dataset

SMALL = "steps=20 critic_steps=2 batch=32 net.width=16 first=0"
QUICK = tuple(word for change in SMALL.split() for word in ("--set", change))


def asked(*args: str | Path) -> str:
    result = CliRunner().invoke(cli, ["realism", *map(str, args)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def preset(tiny_preset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_preset, tmp_path / "tiny"))


def test_a_preset_learns_where_its_style_lies(preset: Path, data: Dataset, tmp_path: Path) -> None:
    """Encodings of the tiny preset are whole numbers of notes and pitches; draws are not."""
    dataset.save(data, tmp_path / "tunes.npz")
    run = tmp_path / "run"
    assert "unseen ones" in asked(tmp_path / "tunes.npz", "-p", preset, "-o", run, *QUICK)
    facts, _ = record.read(run)
    assert facts.constraint.critics == ["realism"]
    assert facts.figures["unseen/auc"] > 0.9
    assert "unseen encodings" in (run / "figures" / "lc-3.svg").read_text()
    model = Model(into(run, presets.read(preset)))
    assert model.verify() < 1e-4
    tokens = tuple(data.splits["test"].tokens[0].tolist())
    work = Work(tokens, {})
    assert 0 <= (model.realism(work, model.answer(work)) or -1) <= 1


def test_windows_of_another_kind_are_refused(preset: Path, lines: Dataset, tmp_path: Path) -> None:
    dataset.save(lines, tmp_path / "lines.npz")
    with pytest.raises(GlissarError, match="was not learnt from windows like those"):
        asked(tmp_path / "lines.npz", "-p", preset, "-o", tmp_path / "run", *QUICK)
