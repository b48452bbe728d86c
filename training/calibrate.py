"""What a knob's positions mean: where z_r lies over the training windows, and what is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from presets.attributes import measure
from presets.manifest import Calibration
from training import latent
from training.checkpoint import Trained
from training.data.dataset import Dataset

LEARNT = 20_000  # training windows, drawn by seed, that say where a knob's places are
PERCENTILES = (0.0, 0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98, 1.0)


@dataclass(frozen=True)
class Calibrated:
    tables: dict[str, Calibration]  # by attribute, in the order of the dimensions
    sigma: list[float]  # mean encoder scale of every dimension [Z]


def calibrate(trained: Trained, data: Dataset, sample: int = 512, seed: int = 0) -> Calibrated:
    """Quantiles over LEARNT training windows; values heard over a smaller sample of them."""
    draw = np.random.default_rng(seed)
    tokens = data.splits["train"].some(LEARNT, draw).tokens
    mu, log_sigma = latent.encode(trained.model, tokens)
    some = mu[draw.choice(len(mu), min(sample, len(mu)), replace=False)]
    tables: dict[str, Calibration] = {}
    for index, name in enumerate(trained.dimensions):
        z = np.quantile(mu[:, index], PERCENTILES).astype(np.float32)
        decoded = latent.decode(
            trained.model, latent.moved(trained.model, some, index, z).reshape(-1, mu.shape[1])
        )
        value = measure(decoded, trained.encoding, [name]).reshape(len(some), -1).mean(0)
        tables[name] = Calibration(list(PERCENTILES), z.tolist(), value.tolist())
    return Calibrated(tables, np.exp(log_sigma).mean(0).tolist())
