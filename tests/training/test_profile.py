from __future__ import annotations

import pytest
import torch
from lightning_fabric import Fabric
from msgspec.structs import replace

from presets.errors import GlissarError
from training import profile
from training.config import GlsrRun, RunConfig
from training.data.dataset import Dataset
from training.profile import Profile


@pytest.fixture(scope="module")
def one_process() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


def test_a_few_steps_are_timed_and_every_second_has_its_place(
    quick: RunConfig, data: Dataset, one_process: Fabric
) -> None:
    found = profile.profile(replace(quick, batch=16), data, one_process, steps=4)
    assert (found.batch, found.processes, found.threads) == (16, 1, torch.get_num_threads())
    assert found.step > 0
    assert found.rate == pytest.approx(16 / found.step)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert {"matrix products", "sums and gates", "optimiser", "dropout"} <= set(found.shares)


def test_an_epoch_too_short_to_time_is_one_sentence(
    quick: RunConfig, data: Dataset, one_process: Fabric
) -> None:
    whole = len(data.splits["train"])
    with pytest.raises(GlissarError, match="an epoch has 1 batches"):
        profile.profile(replace(quick, batch=whole), data, one_process, steps=4)


def test_the_reference_stands_beside() -> None:
    found = Profile(256, 2, 1, 0.1, {"matrix products": 0.75, "optimiser": 0.25})
    first, second, *rest = profile.lines(found, RunConfig())
    assert first.startswith("2560 windows/s, 3.55 times AR-VAE")
    assert second.startswith("100 ms a step of 256 windows (processes: 2, threads of each: 1)")
    assert next(profile.lines(found, GlsrRun())) == "2560 windows/s"  # another model's figure
    assert [line.split() for line in rest] == [
        ["75.0", "ms", "75%", "matrix", "products"],
        ["25.0", "ms", "25%", "optimiser"],
    ]
