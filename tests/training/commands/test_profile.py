from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., int]


def test_what_a_step_takes_is_printed_and_nothing_is_kept(
    config: Path, call: Call, capfd: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text().replace("batch = 64", "batch = 32"))
    assert call("profile", config, "--steps", "2", "--accelerator", "cpu") == 0
    out, err = capfd.readouterr()  # torch's profiler would write past Python
    assert err == ""
    told = out.splitlines()
    assert "windows/s" in told[0]
    assert any(line.endswith("matrix products") for line in told)
    left = sorted(path.name for path in config.parent.iterdir())
    assert left == ["data.json", "data.npz", "run.toml"]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_too_few_steps_to_time_are_a_sentence(
    config: Path, call: Call, capsys: pytest.CaptureFixture[str], steps: int
) -> None:
    assert call("profile", config, "--steps", steps, "--accelerator", "cpu") == 2
    said = capsys.readouterr().err
    assert said.startswith(f"glissar-train: how long a step takes cannot be told from {steps}; ")
    assert said.count("\n") == 1
