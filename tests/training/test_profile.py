from __future__ import annotations

from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from msgspec.structs import replace

from presets.errors import GlissarError
from training import __main__ as command
from training import dataset, profile
from training.config import GlsrRun, RunConfig
from training.dataset import Dataset
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


def test_the_command_prints_it(
    data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset.save(data, tmp_path / "data.npz")
    config = tmp_path / "run.toml"
    config.write_text(
        f'data = "{tmp_path}/data.npz"\nbatch = 32\n'
        "model = { z = 6, embedding = 4, hidden = 8, mlp = 8 }\n"
    )
    args = ["profile", str(config), "--steps", "2", "--accelerator", "cpu"]
    command.cli.main(args, standalone_mode=False)
    told = capsys.readouterr().out.splitlines()
    assert "windows/s" in told[0]
    assert any(line.endswith("matrix products") for line in told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.json", "data.npz", "run.toml"]
