"""A run's folder: what was trained, and what is needed to go on. Nothing in it is pickled.

run.json            config, seed, command, versions, data card, the figures of every epoch
model.safetensors   the weights that did best on the validation windows
resume.pt           the last epoch: weights, optimiser, where it was (read with weights_only)
card.json, .txt     how good it is, once `glissar-train evaluate` has looked, and how it was made
"""

from __future__ import annotations

import io
import json
import math
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_safetensors
from safetensors.torch import save as to_safetensors
from torch import Tensor

from presets.encoding import Encoding
from presets.errors import GlissarError
from presets.whole import write_whole
from training import config as configs
from training import methods
from training.config import Run
from training.data import encodings
from training.models.latent_model import LatentModel

RUN, MODEL, RESUME = "run.json", "model.safetensors", "resume.pt"
CARD, TOLD = "card.json", "card.txt"
MADE = ("config", "seed", "command", "data", "versions")  # of what run.json says


@dataclass(frozen=True)
class Trained:
    """A finished run, or the best of an unfinished one."""

    model: LatentModel  # in eval mode
    config: dict[str, Any]
    card: dict[str, Any]  # figures on unseen bars; empty until evaluated
    encoding: Encoding
    dimensions: tuple[str, ...]  # z[i] follows dimensions[i]
    data: dict[str, Any]  # the data card
    seed: int
    command: str
    versions: dict[str, str]
    history: list[dict[str, float]]  # one row an epoch


@dataclass(frozen=True)
class Progress:
    """Where a run stands: everything that an epoch changes beside weights and optimiser."""

    epoch: int = 0  # epochs done
    best: float = -math.inf  # score of the kept weights
    history: tuple[dict[str, float], ...] = ()


def write_run(run: Path, about: dict[str, Any], progress: Progress) -> None:
    """`about`: config, data, seed, command, versions; the epochs' figures are added."""
    facts = {**about, "epoch": progress.epoch, "history": list(progress.history)}
    write_whole(run / RUN, msgspec.json.format(msgspec.json.encode(facts), indent=1))


def write_model(run: Path, model: LatentModel) -> None:
    tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    write_whole(run / MODEL, to_safetensors(tensors))


def write_card(run: Path, card: dict[str, Any], told: str) -> None:
    """The card, with all that is needed to make the run again; and what a person reads of it."""
    made = {name: value for name, value in _facts(run).items() if name in MADE}
    write_whole(run / CARD, json.dumps({**card, "made": made}, indent=1).encode())
    write_whole(run / TOLD, told.encode())


def write_resume(
    run: Path, model: dict[str, Tensor], optimizer: dict[str, Any], progress: Progress
) -> None:
    content = io.BytesIO()
    state = {"epoch": progress.epoch, "best": progress.best, "history": list(progress.history)}
    torch.save({"model": model, "optimizer": optimizer, "progress": state}, content)
    write_whole(run / RESUME, content.getvalue())


def read_resume(run: Path, config: Run, encoding: Encoding) -> dict[str, Any] | None:
    """The state to go on from with windows of an encoding, None where there is none. Raises
    GlissarError."""
    if not (run / RESUME).is_file():
        return None
    facts = _facts(run)
    if not _same(facts.get("config"), config):
        raise GlissarError(
            f"{run} holds a run of another config; give another folder, or its own config to go on."
        )
    if not _encoded(facts.get("data"), encoding):
        raise GlissarError(
            f"{config.data} has other windows than when the run in {run} began; give another "
            "folder, or prepare the data as they were."
        )
    try:
        return torch.load(run / RESUME, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, pickle.UnpicklingError) as error:
        raise GlissarError(
            f"{run / RESUME} is damaged; delete it to start the run again."
        ) from error


_BROKEN = (RuntimeError, OSError, SafetensorError)


def load(run: Path) -> Trained:
    """The best weights of a run, ready to use, and all that is known of it. Raises GlissarError."""
    facts = _facts(run)
    try:
        config = configs.convert(facts["config"])
        encoding = encodings.of_card(facts["data"])
        model = methods.build(config, encoding)
        model.load_state_dict(from_safetensors((run / MODEL).read_bytes()))
        card = json.loads((run / CARD).read_text()) if (run / CARD).is_file() else {}
        card.pop("made", None)  # run.json says it
        details = [facts[name] for name in ("data", "seed", "command", "versions", "history")]
    except FileNotFoundError as error:
        raise GlissarError(
            f"{error.filename} is missing; train it with glissar-train run."
        ) from error
    except (KeyError, ValueError, AttributeError, TypeError, *_BROKEN) as error:
        raise GlissarError(f"{run} is not a run of this version ({error}); train again.") from error
    return Trained(model.eval(), facts["config"], card, encoding, config.attributes, *details)


def _same(stored: Any, config: Run) -> bool:
    """Whether a run's stored config means `config`; what it does not say is at its default."""
    try:
        return configs.convert(stored) == config
    except (TypeError, AttributeError, msgspec.ValidationError):
        return False


def _encoded(card: Any, encoding: Encoding) -> bool:
    """Whether a stored data card is of that encoding."""
    try:
        return encodings.of_card(card) == encoding
    except (TypeError, KeyError, ValueError):
        return False


def _facts(run: Path) -> dict[str, Any]:
    try:
        return json.loads((run / RUN).read_text())
    except FileNotFoundError as error:
        raise GlissarError(
            f"{run} is not a run (it has no {RUN}); make one with glissar-train run."
        ) from error
    except (OSError, ValueError) as error:
        raise GlissarError(
            f"{run} is not a run, or its {RUN} is damaged; give a run's folder, or train again."
        ) from error
