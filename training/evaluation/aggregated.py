"""The aggregated posterior q(z) = ∫ q(z|x) p_d(x) dx (Hadjeres et al. 2017, eq. 15).

Were training perfect it would be the prior, N(0, I); the regularised dimension may be narrower or
wider: where the notes grow by a slope along z_1 alone, it spreads as far as the music's own notes
do, sd(g) / slope.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

from presets.encoding import Tokens
from training import latent
from training.checkpoint import Trained
from training.evaluation.surface import Direction, played
from training.latent import Codes

Floats = NDArray[np.float64]

FEW = 30  # windows: a cluster of fewer has no place worth telling


class Aggregated(NamedTuple):
    """One draw of z for each of N windows, and what it says."""

    z: Codes  # [N, Z]
    played: Floats  # [N], notes of the most likely window at z
    written: Floats  # [N], notes of the window itself


def posterior(trained: Trained, tokens: Tokens, seed: int) -> Aggregated:
    """Of windows [N, T]; `seed` draws z ~ q(z|x)."""
    mu, log_sigma = latent.encode(trained.model, tokens)
    noise = np.random.default_rng(seed).standard_normal(mu.shape, np.float32)
    z = mu + np.exp(log_sigma) * noise
    back = latent.decode(trained.model, z)
    return Aggregated(z, played(back, trained.encoding), played(tokens, trained.encoding))


def clusters(found: Aggregated, along: Direction) -> dict[int, float]:
    """Number of decoded notes → mean place along the direction, if 30 windows have it."""
    values, counts = np.unique(found.played, return_counts=True)
    return {
        int(n): float(along.of(found.z)[found.played == n].mean()) for n in values[counts >= FEW]
    }


def described(found: Aggregated, along: Direction, slope: float) -> dict[str, Any]:
    """How near to the prior, by dimension in z's own order, and what orders the clusters.

    free mean, free sd: of the other dimensions, what lies farthest from 0 and from 1.
    own sd: of `along`, over what its mean slope in notes a unit makes it; 0 with no slope.
    ordered: whether the clusters' means strictly rise with the number of notes.
    """
    mean, sd = found.z.mean(0), found.z.std(0)
    free = np.delete(np.arange(len(mean)), along.dimension)
    spread = float(found.written.std())
    means = clusters(found, along)
    return {
        "mean": mean.tolist(),
        "sd": sd.tolist(),
        "ks": [float(kstest(column, "norm").statistic) for column in found.z.T],
        "free mean": float(_farthest(mean[free], 0.0)),
        "free sd": float(_farthest(sd[free], 1.0)),
        "own sd": float(sd[along.dimension]) * slope / spread if spread else 0.0,
        "clusters": {str(n): place for n, place in means.items()},
        "ordered": bool((np.diff(list(means.values())) > 0).all()) and len(means) > 1,
    }


def _farthest(values: Codes, place: float) -> float:
    return float(values[np.abs(values - place).argmax()]) if len(values) else place
