"""Geodesic latent space regularisation (Hadjeres, Nielsen & Pachet 2017, §2.2).

The expected number of notes G(z) (eq. 4) is wanted to rise along z_1 by the same slope everywhere.
Tokens are independent given z, so G has a closed form, and its derivative is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor


def expected_notes(logits: Tensor, silent: Sequence[int]) -> Tensor:
    """G(z) = Σ_t Σ_{a ∈ notes} p_t(a|z) [B] of logits [B, T, V]; `silent` tokens strike no note."""
    return logits.shape[1] - logits.softmax(-1)[..., list(silent)].sum((1, 2))


def slope(expected: Tensor, z: Tensor) -> Tensor:
    """∂G/∂z_1 [B] of G [B] at z [B, Z], with its graph, so that it can be learnt.

    A row's G depends on no other row's z, so the gradient of the sum holds every row's own.
    """
    return torch.autograd.grad(expected.sum(), z, create_graph=True)[0][:, 0]


def log_density(slope: Tensor, mean: float, deviation: float) -> Tensor:
    """R_geo = log N(∂G/∂z_1; μ, σ²) (eq. 6), its constant kept; the shape of `slope`."""
    away = (slope - mean) / deviation
    return -0.5 * away**2 - math.log(deviation) - 0.5 * math.log(2 * math.pi)


@contextmanager
def twice_differentiable(device: torch.device) -> Iterator[None]:
    """cuDNN's LSTM has no second derivative; torch's own kernels on the same device have."""
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=False):
        yield
