"""Golden windows: inputs with torch's outputs, by which any machine can check a preset.

They are the model's own bars, drawn from the prior by a fixed seed, and a few that no model would
play; no window of a corpus is among them.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from presets.encoding import Encoding, Vocabulary
from presets.preset import Arrays
from training.models.latent_model import LatentModel

WINDOWS = 32
DRAWN = 256  # candidates
ODD = 4  # windows of the encoder that no model would play
CLEAR = 1e-3  # logits between first and second choice; nearer ties may fall either way elsewhere

# What the arrays are called that a graph takes and gives, where it is not the table's own name.
ARRAY_NAMES = {("decoder.onnx", "tokens"): "decoded"}


def windows(model: LatentModel, encoding: Encoding, seed: int = 0) -> Arrays:
    """tokens, mu, log_sigma of windows; z, noise, decoded, logits of points: 32 of each.

    Half of the points carry Gumbel noise, the others none.
    """
    draw = np.random.default_rng(seed)
    z = draw.standard_normal((DRAWN, model.config.z), np.float32)
    noise = draw.gumbel(size=(DRAWN, *model.noise_shape)).astype(np.float32)
    noise[::2] = 0
    kept = _clear(model, torch.from_numpy(z), torch.from_numpy(noise))
    z, noise = z[kept], noise[kept]
    with torch.no_grad():
        decoded, logits = model.decode(torch.from_numpy(z), torch.from_numpy(noise))
        tokens = decoded.clone()
        tokens[-ODD:] = torch.from_numpy(_odd(encoding.vocabulary, tokens.shape[1], draw))
        mu, log_sigma = model.encode(tokens)
    arrays: Arrays = {"z": z, "noise": noise, "tokens": tokens.numpy(), "mu": mu.numpy()}
    arrays |= {"log_sigma": log_sigma.numpy()}
    return arrays | {"decoded": decoded.numpy(), "logits": logits.numpy()}


def arrays_of(path: str, names: list[str], golden: Arrays) -> Arrays:
    """The golden arrays of a graph by the table's names; what golden does not hold is left out.

    An array that belongs to one graph among several of a role is called `path/name`.
    """
    keys = {name: ARRAY_NAMES.get((path, name), name) for name in names}
    own = {name: f"{path}/{name}" for name in names}
    return {
        name: golden[own[name] if own[name] in golden else key]
        for name, key in keys.items()
        if own[name] in golden or key in golden
    }


def _clear(model: LatentModel, z: Tensor, noise: Tensor) -> NDArray[np.int64]:
    """The first points whose every choice is clear; others only where these do not suffice."""
    with torch.no_grad():
        unclear = (~model.clear(z, noise, CLEAR)).numpy()
    return np.argsort(unclear, kind="stable")[:WINDOWS]


def _odd(words: Vocabulary, steps: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """Silence, a note held through, every step another key, anything at all: [4, steps]."""
    keys = sorted(words.token_of.values())
    return np.array(
        [
            [words.rest] + [words.hold] * (steps - 1),
            [words.hold] * steps,
            np.resize(keys, steps),
            draw.integers(0, len(words.symbols), steps),
        ],
        np.int64,
    )
