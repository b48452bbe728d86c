from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from presets.errors import GlissarError
from training import fitting
from training.checkpoint import Trained
from training.config import GlsrRun, HouseRun, MelodyRun, Run, RunConfig
from training.data import dataset
from training.data.dataset import Dataset

REMEDY = {GlsrRun: "prepare --two-bars, or --pairs", HouseRun: "without --two-bars"}


@pytest.fixture
def files(data: Dataset, lines: Dataset, tmp_path: Path) -> dict[str, str]:
    """The kinds of dataset that there are."""
    pairs = {side: bars.tokens[:0].repeat(2, axis=1) for side, bars in data.bars.items()}
    two = {side: dataset.Bars(pairs[side], bars.work[:0]) for side, bars in data.bars.items()}
    kinds = {
        "bar": data,
        "pairs": Dataset(two, data.works, {**data.card, "encoding": "bar24-midi-2"}),
        "names": lines,
    }
    for name, found in kinds.items():
        dataset.save(found, tmp_path / f"{name}.npz")
    return {name: str(tmp_path / f"{name}.npz") for name in kinds}


@pytest.mark.parametrize(
    ("config", "fits"),
    [
        (RunConfig(), {"bar", "pairs", "names"}),
        (GlsrRun(), {"pairs", "names"}),
        (HouseRun(), {"bar", "pairs"}),
        (MelodyRun(), {"bar", "pairs", "names"}),
    ],
)
def test_a_method_has_windows_that_it_learns(
    config: Run, fits: set[str], files: dict[str, str]
) -> None:
    for name, path in files.items():
        chosen = replace(config, data=path)
        if name in fits:
            assert fitting.to_learn(chosen).card == dataset.load(Path(path)).card
            continue
        with pytest.raises(GlissarError, match=f"^{path} .*{REMEDY[type(config)]}"):
            fitting.to_learn(chosen)


def test_a_run_is_measured_on_windows_like_those_that_it_learnt(
    trained: Trained, files: dict[str, str]
) -> None:
    assert fitting.learnt(trained, Path(files["bar"])).encoding == trained.encoding
    with pytest.raises(GlissarError, match="2 bars in 48 steps and 32 symbols, and what the run"):
        fitting.learnt(trained, Path(files["pairs"]))
    with pytest.raises(GlissarError, match="give the data that it was trained on"):
        fitting.learnt(trained, Path(files["names"]))
