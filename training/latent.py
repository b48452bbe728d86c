"""Windows through a trained model in blocks, numpy in and out."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from presets.encoding import Encoding, Tokens
from presets.keep import lean
from training.models.latent_model import LatentModel

Codes = NDArray[np.float32]

BLOCK = 1024  # windows


@torch.no_grad()
def encode(model: LatentModel, tokens: Tokens) -> tuple[Codes, Codes]:
    """tokens [N, T] → mu, log_sigma [N, Z]."""
    found = [model.encode(block) for block in torch.as_tensor(tokens).split(BLOCK)]
    mu, log_sigma = (torch.cat(part).numpy() for part in zip(*found, strict=True))
    return mu, log_sigma


@torch.no_grad()
def decode(model: LatentModel, z: Codes, noise: Codes | None = None) -> Tokens:
    """z [N, Z] → tokens [N, T], the most likely ones without a noise [N, *noise shape]."""
    silence = torch.zeros(1, *model.noise_shape)
    found: list[Tensor] = []
    for start in range(0, len(z), BLOCK):
        rows = slice(start, start + BLOCK)
        here = silence if noise is None else torch.as_tensor(noise[rows])
        found.append(model.decode(torch.as_tensor(z[rows]), here)[0])
    return torch.cat(found).numpy()


def leaning(model: LatentModel, tokens: Tokens, encoding: Encoding) -> Codes | None:
    """The noise with which the instrument decodes played windows [N, T]; none if it leans to
    nothing."""
    return lean(tokens, encoding, model.keeps) if model.keeps else None


def moved(model: LatentModel, z: Codes, dimension: int, positions: Codes) -> Codes:
    """z [N, Z] with one dimension set to each of P positions, others taken along [N, P, Z]."""
    turned = np.repeat(z[:, None], len(positions), 1)
    by = positions - turned[:, :, dimension]
    for other, share in model.takes(dimension).items():
        turned[:, :, other] += share * by
    turned[:, :, dimension] = positions
    return turned
