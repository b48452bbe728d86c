"""A small made-up corpus, a small model, a quick run. No fixture of this folder parses music."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from presets.bar import TICKS_PER_QUARTER, Note, Window
from training import checkpoint, dataset, loop
from training.checkpoint import Progress, Trained
from training.config import RunConfig
from training.dataset import Dataset, Tune
from training.models.measure_vae import MeasureVAEConfig

BarOf = Callable[..., Window]
Train = Callable[..., Progress]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads gain nothing on so small a model, and on a busy machine they wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def bar() -> BarOf:
    """A bar of one note a beat, of the given pitches."""

    def made(*pitches: int) -> Window:
        return Window.of(
            Note(beat * TICKS_PER_QUARTER, pitch, TICKS_PER_QUARTER)
            for beat, pitch in enumerate(pitches)
        )

    return made


@pytest.fixture(scope="session")
def tunes(bar: BarOf) -> list[Tune]:
    """Twenty works of three bars each."""
    draw = np.random.default_rng(0)
    return [
        Tune(f"tune{i}", True, [bar(*map(int, draw.integers(60, 78, 4))) for _ in range(3)])
        for i in range(20)
    ]


@pytest.fixture(scope="session")
def data(tunes: list[Tune]) -> Dataset:
    return dataset.build(tunes)


@pytest.fixture(scope="session")
def small() -> MeasureVAEConfig:
    return MeasureVAEConfig(z=6, embedding=4, hidden=8, mlp=8, dropout=0.2)


@pytest.fixture(scope="session")
def quick(small: MeasureVAEConfig) -> RunConfig:
    return RunConfig(epochs=2, batch=64, lr=1e-2, model=small)


@pytest.fixture(scope="session")
def train(data: Dataset) -> Train:
    """Train a config into a folder, or go on there; `watch` sees the batches go by."""

    def trained(config: RunConfig, run: Path, watch: Any = lambda batches, *_: batches) -> Progress:
        about = {
            "config": msgspec.to_builtins(config),
            "data": data.card,
            "seed": config.seed,
            "command": "glissar-train run",
            "versions": {},
        }
        fabric = Fabric(accelerator="cpu", devices=1)
        return loop.train(config, data, run, about, fabric, watch)

    return trained


@pytest.fixture(scope="session")
def run(quick: RunConfig, train: Train, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run. Read it, and leave it as it is."""
    folder = tmp_path_factory.mktemp("runs") / "quick"
    train(quick, folder)
    return folder


@pytest.fixture(scope="session")
def trained(run: Path) -> Trained:
    return checkpoint.load(run)
