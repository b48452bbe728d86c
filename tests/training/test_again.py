from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from presets.errors import GlissarError
from training import again
from training.checkpoint import Trained
from training.config import RunConfig

FIGURES = {"tokens": {"value": 0.5, "low": 0.4, "high": 0.6}}
PREPARE = "glissar-train prepare --folk --seed 3"


@pytest.fixture
def card(trained: Trained) -> dict[str, Any]:
    made = {"config": trained.config, "data": {**trained.data, "command": PREPARE}}
    return {"figures": FIGURES, "windows turned": 7, "seed": 2, "made": made}


def test_a_card_says_what_to_do(card: dict[str, Any], quick: RunConfig, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps(card))
    for path in (tmp_path, tmp_path / "card.json"):
        found = again.read(path)
        assert found.config == quick
        assert found.prepare == ["prepare", "--folk", "--seed", "3"]
        assert (found.figures, found.sample, found.seed) == (FIGURES, 7, 2)


def test_a_preset_says_it_too(card: dict[str, Any], quick: RunConfig, tmp_path: Path) -> None:
    preset = {"quality": card, "provenance": card.pop("made")}
    (tmp_path / "preset.json").write_text(json.dumps(preset))
    found = again.read(tmp_path)
    assert (found.config, found.figures) == (quick, FIGURES)


@pytest.mark.parametrize("command", ["", "rm -r prepare", "glissar-train run x", "glissar-train"])
def test_nothing_but_prepare_is_ever_called(card: dict[str, Any], command: str) -> None:
    config = msgspec.convert(card["made"]["config"], RunConfig)
    described = again.Described(config, {"command": command}, FIGURES, 7, 2)
    with pytest.raises(GlissarError, match="how its data were prepared"):
        _ = described.prepare


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"made": 3, "figures": {}}', "\x00"])
def test_what_is_no_card_is_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "card.json").write_text(content)
    with pytest.raises(GlissarError, match=r"card\.json is not a card"):
        again.read(tmp_path)


def test_a_card_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match="evaluate the run first"):
        again.read(tmp_path)


def test_other_data_are_told() -> None:
    before = {"corpus": "airs", "splits": {"train": {"bars": 3}}, "music21": "9", "seed": 1}
    assert list(again.differences(before, dict(before))) == []
    now = before | {"splits": {"train": {"bars": 4}}, "music21": "10", "seed": 2}
    assert list(again.differences(before, now)) == ["music21: 10, not 9", "splits"]


def test_figures_stand_beside_those_of_the_card() -> None:
    told = list(again.beside(FIGURES, {"tokens": {"value": 0.61}, "new": {"value": 1.0}}))
    assert told[-1].split() == ["tokens", "0.5000", "0.6100", "no"]
    assert list(again.beside(FIGURES, FIGURES))[-1].endswith("yes")
