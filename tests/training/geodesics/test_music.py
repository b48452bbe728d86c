from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch.nn import functional as F

from presets.errors import GlissarError
from training import checkpoint
from training.__main__ import cli
from training.checkpoint import Trained
from training.config import HouseRun, MelodyRun
from training.data import dataset
from training.data.dataset import Dataset
from training.geodesics import music
from training.models.house import HouseVAEConfig
from training.models.melody_vae import MelodyVAEConfig

PAIRS, STEPS = 6, 5


@pytest.fixture(scope="module")
def runs(train: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A house model and a melody VAE that judges, both after one epoch."""
    folder = tmp_path_factory.mktemp("morphs")
    house = HouseVAEConfig(z=8, width=24, blocks=1)
    sizes = {"z": 4, "embedding": 4, "encoder": 8, "hidden": 8, "layers": 1, "bar": 4}
    train(HouseRun(epochs=1, batch=64, lr=1e-2, model=house), folder / "house")
    train(MelodyRun(epochs=1, batch=64, lr=1e-2, model=MelodyVAEConfig(**sizes)), folder / "judge")
    return {name: folder / name for name in ("house", "judge")}


@pytest.fixture(scope="module")
def house(runs: dict[str, Path]) -> Trained:
    return checkpoint.load(runs["house"])


@pytest.fixture(scope="module")
def judge(runs: dict[str, Path]) -> Trained:
    return checkpoint.load(runs["judge"])


@pytest.fixture(scope="module")
def rows(house: Trained, judge: Trained, data: Dataset) -> list[music.Row]:
    return list(music.table(house, data, judge, PAIRS, STEPS, seed=0))


def test_every_way_is_gone_at_its_own_pace_and_evenly(rows: list[music.Row]) -> None:
    names = ["line", "slerp", "drawn", "expected", "fisher"]
    assert [(row.way, row.even) for row in rows] == [(n, e) for n in names for e in (False, True)]
    for row in rows:
        assert set(row.figures) == {"unevenness", "largest jump", "in key", "nats"}
        assert all(values.shape == (PAIRS,) for values in row.figures.values())


def test_the_same_seed_gives_the_same_table(
    rows: list[music.Row], house: Trained, data: Dataset
) -> None:
    again = list(music.table(house, data, None, PAIRS, STEPS, seed=0))
    for row, other in zip(rows, again, strict=True):
        assert "nats" not in other.figures
        for name, values in other.figures.items():
            assert np.array_equal(values, row.figures[name])


def test_figures_of_morphs_by_hand(house: Trained) -> None:
    """One morph changes a token at every step, the other two of them at once."""
    hold = house.encoding.vocabulary.hold
    morphs = np.full((2, 3, 24), hold, np.int64)
    morphs[0, :, 0], morphs[1, :2, :2] = (4, 5, 6), 4
    morphs[1, 2, :2] = 5
    found = music.figures(morphs, house, None)
    assert found["unevenness"].tolist() == [0.0, 1.0]
    assert found["largest jump"].tolist() == [1.0, 2.0]
    assert found["in key"].tolist() == [1.0, 1.0]


def test_a_likelihood_is_a_bound_in_nats(judge: Trained, data: Dataset) -> None:
    windows = data.splits["test"].tokens[:5]
    torch.manual_seed(0)
    with torch.no_grad():
        out = judge.model(torch.as_tensor(windows))
    said = F.cross_entropy(out.logits.transpose(1, 2), torch.as_tensor(windows), reduction="none")
    q = torch.distributions.Normal(out.mu, out.log_sigma.exp())
    kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(1)
    expected = -said.sum(1) - kl
    assert music.likelihood(judge, windows) == pytest.approx(expected.numpy(), rel=1e-4)


def test_an_arc_keeps_lengths_where_a_line_cuts_them_short() -> None:
    a, b = np.array([2.0, 0.0], np.float32), np.array([0.0, 2.0], np.float32)
    found = music._slerp(a, b, np.linspace(0, 1, 5))
    assert np.linalg.norm(found, axis=1) == pytest.approx([2.0] * 5)
    assert found[[0, 2, 4]] == pytest.approx(np.array([a, [2**0.5, 2**0.5], b]), abs=1e-6)


def test_an_interval_is_around_its_mean() -> None:
    found = music.estimate(np.arange(100.0), seed=0)
    low, high = found.interval
    assert low < found.value == 49.5 < high
    assert high - low == pytest.approx(4 * 28.9 / 10, rel=0.15)


def test_what_cannot_be_measured_is_a_sentence(
    house: Trained, judge: Trained, data: Dataset
) -> None:
    for sentence, args in {
        "give a run of it": (judge, data, None, 2),
        "judge by a run of one": (house, data, house, 2),
        "ask for fewer --pairs": (house, data, None, 10_000),
    }.items():
        with pytest.raises(GlissarError, match=sentence):
            list(music.table(*args, steps=3, seed=0))


def test_the_command_prints_it(runs: dict[str, Path], data: Dataset, tmp_path: Path) -> None:

    dataset.save(data, tmp_path / "tunes.npz")
    args = ["morph", str(runs["house"]), "--data", str(tmp_path / "tunes.npz")]
    args += ["--judge", str(runs["judge"]), "--pairs", "3", "--steps", "4"]
    result = CliRunner().invoke(cli, args, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    for part in ("3 pairs, 4 steps each", "drawn, evenly\n", "  nats ", "slerp, at its own pace"):
        assert part in result.output
