"""Which windows a run can take: to learn, those of its method; ever after, those that it learnt."""

from __future__ import annotations

from pathlib import Path

from presets.encoding import Encoding
from presets.errors import GlissarError
from training import methods
from training.checkpoint import Trained
from training.config import Run
from training.data import dataset
from training.data.dataset import Dataset


def to_learn(config: Run) -> Dataset:
    """The dataset that a config names. Raises GlissarError if its method cannot learn it."""
    data = dataset.load(Path(config.data))
    if reason := methods.misfit(config, data.encoding):
        raise GlissarError(f"{config.data} {reason}")
    return data


def learnt(trained: Trained, path: Path | None = None) -> Dataset:
    """A run's dataset, from `path` if it has moved. Raises GlissarError if it is another kind."""
    where = path or Path(trained.config["data"])
    data = dataset.load(where)
    if data.encoding != trained.encoding:
        raise GlissarError(
            f"{where} has {_told(data.encoding)}, and what the run learnt is "
            f"{_told(trained.encoding)}; give the data that it was trained on."
        )
    return data


def _told(encoding: Encoding) -> str:
    grid, symbols = encoding.grid, len(encoding.vocabulary.symbols)
    bars = "one bar" if grid.bars == 1 else f"{grid.bars} bars"
    return f"windows of {bars} in {grid.steps} steps and {symbols} symbols"
