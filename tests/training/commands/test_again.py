from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from training.checkpoint import Trained

Call = Callable[..., int]


def test_the_data_are_prepared_as_the_card_says(
    trained: Trained, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    command = f"glissar-train prepare --midi {tmp_path} --seed 3"
    made = {"config": trained.config, "data": {**trained.data, "command": command}}
    card = {"figures": {}, "windows turned": 7, "seed": 2, "made": made}
    (tmp_path / "card.json").write_text(json.dumps(card))
    assert call("again", tmp_path, "-o", tmp_path / "once-more") == 2
    assert f"{tmp_path} has no MIDI files" in capsys.readouterr().err
    assert not (tmp_path / "once-more").exists()
