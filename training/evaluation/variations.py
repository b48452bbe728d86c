"""Variations of a motif: one coordinate rises by equal steps (Hadjeres et al. 2017, Fig. 4)."""

from __future__ import annotations

import numpy as np

from presets.attributes import onsets_of
from presets.encoding import Encoding, Tokens
from training import latent
from training.checkpoint import Trained
from training.evaluation.surface import Direction
from training.latent import Codes

PATH = np.linspace(-2, 2, 9)  # eight equal steps, where the prior has 95 % of its mass


def swept(trained: Trained, points: Codes, way: Direction) -> Tokens:
    """The most likely windows [N, P, T] while the direction goes along its path from points [N, Z],
    and nothing else moves."""
    path = latent.moved(trained.model, points, way.dimension, (way.sign * PATH).astype(np.float32))
    tokens = latent.decode(trained.model, path.reshape(-1, points.shape[1]))
    return tokens.reshape(len(points), len(PATH), -1)


def kept(swept: Tokens, encoding: Encoding) -> dict[str, float]:
    """What a step of sweeps [N, P, T] leaves of the window before it, over all N·(P − 1) steps.

    steps not falling: the share that lose no note in number. onsets kept: the mean Jaccard index
    of the struck places before and after, 1 where none is in either. pitches kept: of the places
    struck in both, the share whose pitch stays. still: the share of steps that change nothing,
    which would have all of these for nothing.
    """
    found = onsets_of(swept.reshape(-1, swept.shape[2]), encoding)
    struck, pitch = found.struck.reshape(swept.shape), found.pitch.reshape(swept.shape)
    before, after = struck[:, :-1], struck[:, 1:]
    both, either = before & after, before | after
    same = both & (pitch[:, :-1] == pitch[:, 1:])
    jaccard = np.where(either.any(2), both.sum(2) / np.maximum(either.sum(2), 1), 1.0)
    return {
        "steps not falling": float((after.sum(2) >= before.sum(2)).mean()),
        "onsets kept": float(jaccard.mean()),
        "pitches kept": float(same.sum() / max(both.sum(), 1)),
        "still": float((swept[:, 1:] == swept[:, :-1]).all(2).mean()),
    }
