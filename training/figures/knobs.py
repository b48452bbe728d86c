"""Where a run keeps its attributes in z, and how far its music goes along a dimension."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presets.attributes import measure
from presets.encoding import Tokens
from training import latent
from training.data.dataset import Windows
from training.evaluation import metrics
from training.figures.measured import Measured
from training.latent import Codes

Floats = NDArray[np.float64]

SAMPLE = 2000  # windows that stand for a split
ENDS = (0.02, 0.98)  # quantiles between which a dimension has music; knobs go as far (`control`)


def sampled(run: Measured, split: str, count: int = SAMPLE, seed: int = 0) -> Windows:
    """Windows of a split, drawn once."""
    found = run.data.splits[split]
    draw = np.random.default_rng(seed)
    return found.rows(np.sort(draw.choice(len(found), min(count, len(found)), replace=False)))


def codes(run: Measured, seed: int = 0) -> Codes:
    """The means of training windows [N, Z]."""
    return latent.encode(run.trained.model, sampled(run, "train", seed=seed).tokens)[0]


def followed(run: Measured) -> list[int]:
    """The dimension of every attribute: its own, or, where none was trained to follow it (β-VAE),
    the one that shares most information with it, which two attributes may have in common."""
    trained = run.trained
    if trained.config["weights"].get("regularisation", 1.0):  # the house model needs none
        return list(range(len(trained.dimensions)))
    windows = sampled(run, "train").tokens
    attributes = measure(windows, trained.encoding, trained.dimensions)
    z = codes(run).astype(np.float64)
    return metrics.information(z, attributes, seed=0).codes.argmax(0).tolist()


def swept(run: Measured, tokens: Tokens, index: int, at: Codes) -> Tokens:
    """The windows [N, T] with dimension `index` at each place [P]: what is decoded [N, P, T]."""
    z, _ = latent.encode(run.trained.model, tokens)
    moved = latent.moved(run.trained.model, z, index, at)
    return latent.decode(run.trained.model, moved.reshape(-1, z.shape[1])).reshape(
        len(z), len(at), -1
    )


def values(run: Measured, windows: Tokens, name: str) -> Floats:
    """An attribute of windows [..., T], in the papers' scale [...]."""
    flat = windows.reshape(-1, windows.shape[-1])
    return measure(flat, run.trained.encoding, [name]).reshape(windows.shape[:-1])
