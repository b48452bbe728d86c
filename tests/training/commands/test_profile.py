from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., int]


def test_what_a_step_takes_is_printed_and_nothing_is_kept(
    config: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text().replace("batch = 64", "batch = 32"))
    assert call("profile", config, "--steps", "2", "--accelerator", "cpu") == 0
    told = capsys.readouterr().out.splitlines()
    assert "windows/s" in told[0]
    assert any(line.endswith("matrix products") for line in told)
    left = sorted(path.name for path in config.parent.iterdir())
    assert left == ["data.json", "data.npz", "run.toml"]
