"""A card → what is needed to make its run again, and how near that came."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from presets.errors import GlissarError
from training import checkpoint
from training import config as configs
from training.config import AnyRun
from training.evaluation.report import table

PRESET = "preset.json"  # whose provenance says what a card does
COMPARED = ("corpus", "encoding", "protocol", "music21", "splits", "left out")  # of a data card


@dataclass(frozen=True)
class Described:
    """What a card says of its run."""

    config: AnyRun
    data: dict[str, Any]  # the data card
    figures: dict[str, Any]
    sample: int  # windows whose knobs were turned
    seed: int  # of the measuring

    @property
    def prepare(self) -> list[str]:
        """The arguments to glissar-train that made the dataset. Raises GlissarError."""
        program, *words = shlex.split(str(self.data.get("command", ""))) or [""]
        if (program, *words[:1]) != ("glissar-train", "prepare"):
            raise GlissarError(
                "this card does not say how its data were prepared; prepare them by "
                "training/README.md and train with glissar-train run."
            )
        return words


def read(card: Path) -> Described:
    """A run's card or folder, or a preset's folder. Raises GlissarError."""
    path = card
    if card.is_dir():
        path = card / (PRESET if (card / PRESET).is_file() else checkpoint.CARD)
    try:
        facts = json.loads(path.read_text("utf-8"))
        measured = facts["quality"] if path.name == PRESET else facts
        made = facts["provenance"] if path.name == PRESET else facts["made"]
        return Described(
            configs.convert(made["config"]),
            dict(made["data"]),
            dict(measured["figures"]),
            int(measured["windows turned"]),
            int(measured["seed"]),
        )
    except FileNotFoundError as error:
        raise GlissarError(f"there is no {path}; evaluate the run first.") from error
    except (OSError, ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise GlissarError(
            f"{path} is not a card that a run can be made from again ({error!r}); "
            "evaluate the run with this version."
        ) from error


def moved(config: AnyRun, data: Path) -> AnyRun:
    """The same run on a dataset that lies elsewhere."""
    return replace(config, data=str(data))


def differences(before: dict[str, Any], now: dict[str, Any]) -> Iterable[str]:
    """What two data cards say differently: another music21, other files in a folder."""
    for name in COMPARED:
        if before.get(name) != now.get(name):
            yield name if name == "splits" else f"{name}: {now.get(name)}, not {before.get(name)}"


def beside(before: dict[str, Any], now: dict[str, Any]) -> Iterable[str]:
    """Every figure of both cards, and whether the new one lies in the old one's interval."""
    rows = [["", "card", "again", "in its interval"]]
    for name in (name for name in before if name in now):
        was, found = before[name], now[name]["value"]
        inside = was["low"] <= found <= was["high"]
        rows.append([name, f"{was['value']:.4f}", f"{found:.4f}", "yes" if inside else "no"])
    yield ""
    yield from table(rows)
