from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from msgspec.structs import replace
from torch import Tensor

from presets.errors import GlissarError
from training import checkpoint, loop, methods
from training import config as configs
from training.checkpoint import Progress, Trained
from training.config import RunConfig
from training.data import dataset
from training.data.dataset import Dataset

Train = Callable[..., Progress]


def weights(run: Path) -> bytes:
    return (run / checkpoint.MODEL).read_bytes()


def test_the_same_seed_gives_the_same_weights(
    run: Path, quick: RunConfig, train: Train, tmp_path: Path
) -> None:
    train(quick, tmp_path)
    assert weights(tmp_path) == weights(run)


def test_another_seed_gives_other_weights_from_the_start(
    run: Path, quick: RunConfig, train: Train, tmp_path: Path, data: Dataset
) -> None:
    train(replace(quick, seed=1), tmp_path)
    assert weights(tmp_path) != weights(run)
    fresh: list[Tensor] = []
    for seed in (0, 1, 0):
        torch.manual_seed(seed)
        fresh.append(methods.build(quick, data.encoding).encoder.embed.weight.detach())
    assert torch.equal(fresh[0], fresh[2])
    assert not torch.equal(fresh[0], fresh[1])


class _Interrupted(Exception):
    pass


def interrupt(batches: Iterable[Tensor], count: int, epoch: int) -> Iterator[Tensor]:
    """The second epoch breaks off after its first batch."""
    for done, batch in enumerate(batches):
        if epoch == 1 and done == 1:
            raise _Interrupted
        yield batch


def test_an_interrupted_run_goes_on_to_the_very_same_weights(
    run: Path, quick: RunConfig, train: Train, tmp_path: Path
) -> None:
    with pytest.raises(_Interrupted):
        train(quick, tmp_path, interrupt)
    assert len(checkpoint.load(tmp_path).history) == 1
    progress = train(quick, tmp_path)
    assert progress.epoch == 2
    assert weights(tmp_path) == weights(run)
    assert checkpoint.load(tmp_path).history == checkpoint.load(run).history


def test_a_finished_run_is_left_as_it_is(quick: RunConfig, train: Train, tmp_path: Path) -> None:
    first = train(quick, tmp_path)
    written = weights(tmp_path)
    assert train(quick, tmp_path) == first
    assert weights(tmp_path) == written


def test_another_config_does_not_go_on_in_the_same_folder(
    run: Path, quick: RunConfig, train: Train
) -> None:
    before = weights(run)
    with pytest.raises(GlissarError, match="another config"):
        train(replace(quick, lr=0.5), run)
    assert weights(run) == before


def test_it_learns(quick: RunConfig, train: Train, tmp_path: Path) -> None:
    progress = train(replace(quick, epochs=4), tmp_path)
    first, last = progress.history[0], progress.history[-1]
    assert last["reconstruction"] < 0.9 * first["reconstruction"]
    assert [row["epoch"] for row in progress.history] == [1, 2, 3, 4]


def test_the_kept_weights_are_the_best_on_validation(trained: Trained, data: Dataset) -> None:
    tokens = torch.as_tensor(data.splits["validation"].tokens)
    figures = loop.validate(trained.model, tokens, data.encoding.vocabulary.hold)
    assert figures["accuracy"] == pytest.approx(max(row["accuracy"] for row in trained.history))


def test_accuracy_counts_what_is_right(trained: Trained, data: Dataset) -> None:
    tokens = torch.as_tensor(data.splits["validation"].tokens)
    mu, _ = trained.model.encode(tokens)
    decoded, _ = trained.model.decode(mu, torch.zeros(1, 24, 32))
    figures = loop.validate(trained.model, decoded, hold=30)  # how well it says itself again
    again, _ = trained.model.decode(trained.model.encode(decoded)[0], torch.zeros(1, 24, 32))
    assert figures["accuracy"] == pytest.approx(np.mean((again == decoded).numpy()))
    assert figures["windows"] == pytest.approx(np.mean((again == decoded).all(1).numpy()))


def test_the_learning_rate_rises_and_falls_as_the_config_says() -> None:
    config = RunConfig(warmup=10, final_lr=0.1)
    shares = [loop.schedule(config, step, 110) for step in range(111)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[9] == shares[10] == 1
    assert shares[60] == pytest.approx(0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi / 2)))
    assert shares[110] == pytest.approx(0.1)
    assert all(a >= b for a, b in pairwise(shares[10:]))
    assert {loop.schedule(RunConfig(), step, 110) for step in range(110)} == {1.0}


def test_each_distinct_window_comes_once_an_epoch_if_so_configured(
    quick: RunConfig, train: Train, data: Dataset, tmp_path: Path
) -> None:
    counts: list[int] = []

    def count(batches: Iterable[Tensor], number: int, _: int) -> Iterable[Tensor]:
        counts.append(number)
        return batches

    train(replace(quick, epochs=1, batch=8, distinct=True), tmp_path, count)
    assert counts == [len(np.unique(data.splits["train"].tokens, axis=0)) // 8]


# Two processes

NOISELESS = """
batch = 64
epochs = 1
lr = 1e-3
forced = 1.0
weights = { kl = 0.0 }
model = { z = 6, embedding = 4, hidden = 8, mlp = 8, dropout = 0.0 }
"""


@pytest.fixture
def noiseless(data: Dataset, tmp_path: Path) -> Path:
    """A config that leaves nothing to chance but z, whose σ `begin` makes e⁻⁵⁰."""
    dataset.save(data, tmp_path / "data.npz")
    path = tmp_path / "run.toml"
    path.write_text(f'data = "{tmp_path}/data.npz"\n{NOISELESS}')
    return path


def begin(run: Path, config: RunConfig, data: Dataset) -> None:
    """A run that has yet to make its first step."""
    torch.manual_seed(0)
    model = methods.build(config, data.encoding)
    torch.nn.init.constant_(model.get_parameter("encoder.log_sigma.2.bias"), -50)
    optimizer = torch.optim.Adam(model.parameters(), config.lr)
    about = {"config": msgspec.to_builtins(config), "data": data.card}
    checkpoint.write_run(run, about, Progress())
    checkpoint.write_resume(run, model.state_dict(), optimizer.state_dict(), Progress())


def test_two_processes_train_as_one_does(
    noiseless: Path, data: Dataset, train: Train, tmp_path: Path
) -> None:
    """All three losses of both, and the weights: the pairs of AR-VAE are the whole batch's."""
    config = configs.read(noiseless)
    assert isinstance(config, RunConfig)
    one, two = tmp_path / "one", tmp_path / "two"
    for run in (one, two):
        begin(run, config, data)
    (alone,) = train(config, one).history
    options = ["--accelerator", "cpu", "--devices", "2", "--strategy", "ddp", "--threads", "1"]
    command = [sys.executable, "-m", "training", "run", str(noiseless), "-o", str(two), *options]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (shared,) = json.loads((two / checkpoint.RUN).read_text())["history"]
    assert shared == pytest.approx(alone, rel=1e-4)
    weights = [torch.load(r / checkpoint.RESUME, weights_only=True)["model"] for r in (one, two)]
    torch.testing.assert_close(*weights, rtol=1e-3, atol=1e-4)


def test_a_batch_that_processes_cannot_share_evenly_is_refused(
    quick: RunConfig, data: Dataset, tmp_path: Path
) -> None:
    fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp")  # as yet of one process
    assert fabric.world_size == 2
    with pytest.raises(GlissarError, match="2 processes cannot share batches of 63"):
        loop.train(replace(quick, batch=63), data, tmp_path, {}, fabric, lambda each, *_: each)
