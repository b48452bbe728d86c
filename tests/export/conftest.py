"""A run trained for three steps on invented bars, and the preset made of it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from lightning_fabric import Fabric
from msgspec import to_builtins

from export import __main__ as command
from presets import preset as presets
from presets.bar import Window
from training import checkpoint, loop
from training.config import RunConfig
from training.data import dataset
from training.models.measure_vae import MeasureVAEConfig

SMALL = MeasureVAEConfig(z=6, embedding=4, hidden=8, mlp=8)


def _tunes(count: int = 20) -> list[dataset.Tune]:
    """Works of four bars that nobody wrote."""
    draw = np.random.default_rng(0)
    keys = dataset.BACH.vocabulary.hold
    struck = draw.random((count, 4, dataset.BACH.grid.steps)) < 0.3
    struck[..., 0] = True
    lines = np.where(struck, draw.integers(5, keys - 5, struck.shape), keys)
    notes = dataset.BACH.notes
    return [
        dataset.Tune(f"work {i}", True, [Window.of(notes(bar)) for bar in work])
        for i, work in enumerate(lines)
    ]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset's file."""
    path = tmp_path_factory.mktemp("data") / "bars.npz"
    built = dataset.build(_tunes())
    built.card["corpus"], built.card["licences"] = "invented bars", "Nobody's."
    dataset.save(built, path)
    return path


@pytest.fixture(scope="session")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder."""
    folder = tmp_path_factory.mktemp("runs") / "invented"
    bars = dataset.load(data)
    config = RunConfig(
        data=str(data),
        attributes=("density", "contour"),
        epochs=1,
        batch=len(bars.splits["train"]) // 3,
        model=SMALL,
    )
    about = {
        "config": to_builtins(config),
        "seed": config.seed,
        "command": "glissar-train run invented.toml -o runs/invented",
        "data": bars.card,
        "versions": {},
    }
    engine = Fabric(accelerator="cpu", devices=1)
    loop.train(config, bars, folder, about, engine, lambda batches, *_: batches)
    return folder


@pytest.fixture(scope="session")
def trained(run: Path) -> checkpoint.Trained:
    return checkpoint.load(run)


@pytest.fixture(scope="session")
def preset_folder(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `glissar-export RUN -o FOLDER` writes. Do not write into it."""
    folder = tmp_path_factory.mktemp("presets") / "invented"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["glissar-export", str(run), "-o", str(folder)])
        with pytest.raises(SystemExit) as left:
            command.main()
    assert left.value.code == 0
    return folder


@pytest.fixture(scope="session")
def preset(preset_folder: Path) -> presets.Preset:
    return presets.read(preset_folder)
