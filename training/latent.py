"""Windows through a trained model in blocks, numpy in and out."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from presets.encoding import Tokens
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
def decode(model: LatentModel, z: Codes) -> Tokens:
    """z [N, Z] → the most likely tokens [N, T]."""
    silence = torch.zeros(1, *model.noise_shape)
    return torch.cat(
        [model.decode(block, silence)[0] for block in torch.as_tensor(z).split(BLOCK)]
    ).numpy()


def moved(model: LatentModel, z: Codes, dimension: int, positions: Codes) -> Codes:
    """z [N, Z] with one dimension set to each of P positions, others taken along [N, P, Z]."""
    turned = np.repeat(z[:, None], len(positions), 1)
    by = positions - turned[:, :, dimension]
    for other, share in model.takes(dimension).items():
        turned[:, :, other] += share * by
    turned[:, :, dimension] = positions
    return turned
