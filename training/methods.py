"""The table of methods: a run's config, the windows it takes, its model, and what that descends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from msgspec.structs import replace
from numpy.typing import NDArray

from presets.attributes import measure, metrical_weights
from presets.encoding import Encoding, Tokens, Vocabulary
from training.config import GlsrRun, HouseRun, MelodyRun, Run, RunConfig
from training.models import ar_vae, glsr_objective, house_objective, melody_objective
from training.models.glsr_vae import GlsrVAE
from training.models.house import HouseVAE
from training.models.latent_model import LatentModel
from training.models.measure_vae import MeasureVAE
from training.models.melody_vae import MelodyVAE
from training.objective import Objective


class Method(NamedTuple):
    build: Callable[[Any, Encoding, Tokens | None], LatentModel]  # … of what training windows
    objective: Callable[[Any, Encoding, NDArray[np.float64]], Objective]  # … training attributes
    misfit: Callable[[Encoding], str]  # what is wrong with its windows, and the remedy; or nothing


def measure_vae(config: RunConfig, encoding: Encoding, _: Tokens | None) -> MeasureVAE:
    grid, words = encoding.grid, encoding.vocabulary
    sizes = {"vocabulary": len(words.symbols), "beats": grid.beats, "steps": len(grid.positions)}
    return MeasureVAE(replace(config.model, **sizes))


def glsr_vae(config: GlsrRun, encoding: Encoding, learnt: Tokens | None) -> GlsrVAE:
    grid, words = encoding.grid, encoding.vocabulary
    facts = {"hold": words.hold, "rest": words.rest, "steps": grid.steps}
    model = GlsrVAE(replace(config.model, vocabulary=len(words.symbols), **facts))
    if learnt is not None:
        model.expect(torch.as_tensor(learnt))
    return model


def house(config: HouseRun, encoding: Encoding, learnt: Tokens | None) -> HouseVAE:
    words, names = encoding.vocabulary, config.attributes
    facts = {"pitches": words.hold, "hold": words.hold, "rest": words.rest, "follow": names}
    weights = tuple(metrical_weights(encoding.grid).tolist())
    model = HouseVAE(replace(config.model, weights=weights, **facts))
    if learnt is not None:
        model.reader.learn(measure(learnt, encoding, names))
    return model


def melody_vae(config: MelodyRun, encoding: Encoding, _: Tokens | None) -> MelodyVAE:
    grid, words = encoding.grid, encoding.vocabulary
    facts = {"bars": grid.bars, "steps": grid.steps // grid.bars}
    return MelodyVAE(replace(config.model, vocabulary=len(words.symbols), **facts))


def two_bars(encoding: Encoding) -> str:
    """What the slope is measured in, and what the figures stand beside: notes in two bars."""
    if encoding.grid.bars == 2:
        return ""
    return (
        "is not of two bars at a time, which glsr-vae learns; make its data with glissar-train "
        "prepare --two-bars, or --pairs, and give them with --set data=FILE."
    )


def semitones(encoding: Encoding) -> str:
    """Tokens must be keys in a row: range and contour are differences of tokens."""
    words = encoding.vocabulary
    if words == Vocabulary.midi(words.low, words.high):
        return ""
    return (
        "has notes by their names, and the house model counts semitones; make its data with "
        "glissar-train prepare without --two-bars (--pairs has two bars, too), and give them with "
        "--set data=FILE."
    )


METHODS: dict[type[Run], Method] = {
    RunConfig: Method(measure_vae, lambda config, *_: ar_vae.Objective(config), lambda _: ""),
    GlsrRun: Method(glsr_vae, glsr_objective.objective, two_bars),
    HouseRun: Method(house, house_objective.objective, semitones),
    MelodyRun: Method(
        melody_vae, lambda config, *_: melody_objective.Objective(config), lambda _: ""
    ),
}


def misfit(config: Run, encoding: Encoding) -> str:
    """Why a run cannot learn windows of this encoding, as the end of a sentence; "" if it can."""
    return METHODS[type(config)].misfit(encoding)


def build(config: Run, encoding: Encoding, learnt: Tokens | None = None) -> LatentModel:
    """A new model for the encoding's grid and vocabulary; its weights come from torch's seed.

    `learnt` [N, T]: the windows that it will be trained on, where it is to be trained.
    """
    return METHODS[type(config)].build(config, encoding, learnt)


def objective(config: Run, encoding: Encoding, attributes: NDArray[np.float64]) -> Objective:
    """What a run descends. `attributes` [N, A]: those of the training windows."""
    return METHODS[type(config)].objective(config, encoding, attributes)
