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
from training import checkpoint, loop
from training.checkpoint import Progress, Trained
from training.config import AnyRun, GlsrRun, RunConfig, Weights
from training.corpora.lines import Line
from training.data import dataset, phrases, spelling
from training.data.dataset import Dataset, Tune
from training.models.glsr_vae import GlsrVAEConfig
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
        fabric = Fabric(accelerator="cpu", devices=1)
        return loop.train(config, data, run, about(config, data), fabric, watch)

    return trained


def about(config: AnyRun, data: Dataset) -> dict[str, Any]:
    """What a run's folder says of it."""
    return {
        "config": msgspec.to_builtins(config),
        "data": data.card,
        "seed": config.seed,
        "command": "glissar-train run",
        "versions": {},
    }


@pytest.fixture(scope="session")
def run(quick: RunConfig, train: Train, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run. Read it, and leave it as it is."""
    folder = tmp_path_factory.mktemp("runs") / "quick"
    train(quick, folder)
    return folder


@pytest.fixture(scope="session")
def trained(run: Path) -> Trained:
    return checkpoint.load(run)


@pytest.fixture(scope="session")
def lines() -> Dataset:
    """Two-bar windows, by the notes' names, of melodies that nobody wrote: some busy, some calm.

    They fill the whole range, so that each stands in one key alone.
    """
    scale = [spelling.read(text) for text in ("C4", "F#4", "Bb4", "A5")]

    def line(number: int) -> Line:
        draw = np.random.default_rng(number)
        steps = np.full(96, spelling.HOLD, np.int32)
        struck = draw.random(96) < (0.6 if number % 2 else 0.95)
        steps[struck] = draw.choice(scale, struck.sum())
        return Line(f"line {number}", steps, np.ones(96, np.bool_))

    return phrases.build(map(line, range(20)))


@pytest.fixture(scope="session")
def glsr_runs(lines: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two runs of thirty steps, one regularised (slope 2), one plain. Leave them as they are."""
    folder, fabric = tmp_path_factory.mktemp("runs"), Fabric(accelerator="cpu", devices=1)
    model = GlsrVAEConfig(z=5, embedding=6, hidden=12)
    size = len(lines.splits["train"]) // 3
    for name, weight in (("regularised", 1.0), ("plain", 0.0)):
        weights = Weights(kl=1.0, regularisation=weight)
        config = GlsrRun(
            epochs=10, batch=size, lr=2e-2, steered=16, anneal=5.0, model=model, weights=weights
        )
        loop.train(
            config, lines, folder / name, about(config, lines), fabric, lambda batches, *_: batches
        )
    return {name: folder / name for name in ("regularised", "plain")}


@pytest.fixture(scope="session")
def glsr(glsr_runs: dict[str, Path]) -> dict[str, Trained]:
    return {name: checkpoint.load(run) for name, run in glsr_runs.items()}
