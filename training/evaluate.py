"""How good a run is on bars that it has never met, each figure with an interval by work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr
from sklearn.feature_selection import mutual_info_regression

from presets.attributes import measure
from presets.encoding import Tokens
from presets.errors import GlissarError
from training import control, latent
from training.bootstrap import ByWork, Estimate, mean
from training.checkpoint import Trained
from training.dataset import Dataset, Windows
from training.latent import Codes

Floats = NDArray[np.float64]
Figures = dict[str, Estimate]


def evaluate(
    trained: Trained, data: Dataset, split: str = "test", sample: int = 1200, seed: int = 0
) -> dict[str, Any]:
    """The card of a run. `sample` windows, drawn by `seed`, have their knobs turned.

    tokens, onsets, windows: the share that the most likely decoding of the encoder's mean gets
    right. interpretability, scc: AR-VAE §4, on one seeded sample of z a window, as published.
    knob: see `control`. Raises GlissarError.
    """
    unseen = data.splits[split]
    if not len(unseen):
        raise GlissarError(f"the dataset has no unseen {split} bars; prepare it from more works.")
    draw = np.random.default_rng(seed)
    mu, log_sigma = latent.encode(trained.model, unseen.tokens)
    z = mu + np.exp(log_sigma) * draw.standard_normal(mu.shape)
    works = ByWork(unseen.work, seed)
    figures = reconstruction(trained, unseen.tokens, mu, works)
    figures |= codes(trained, unseen.tokens, z, works, seed)
    turned = unseen.rows(np.sort(draw.choice(len(unseen), min(sample, len(unseen)), replace=False)))
    figures |= knobs(trained, data, turned, seed)
    return {
        "split": split,
        "windows": len(unseen),
        "works": works.works,
        "windows turned": len(turned),
        "seed": seed,
        "interval": "95 %, drawing works again",
        "figures": {name: _row(figure) for name, figure in figures.items()},
    }


def reconstruction(trained: Trained, tokens: Tokens, mu: Codes, works: ByWork) -> Figures:
    """Shares of tokens, of struck tokens and of whole windows; a hold everywhere for comparison."""
    hold = trained.encoding.vocabulary.hold
    right = latent.decode(trained.model, mu) == tokens
    struck = tokens < hold
    return {
        "tokens": works.ratio(right.mean(1)),
        "tokens/always hold": works.ratio((tokens == hold).mean(1)),
        "onsets": works.ratio((right & struck).sum(1).astype(float), struck.sum(1).astype(float)),
        "windows": works.ratio(right.all(1).astype(float)),
    }


def codes(trained: Trained, tokens: Tokens, z: Floats, works: ByWork, seed: int) -> Figures:
    """Interpretability and SCC of every attribute, and their means over attributes.

    The dimension is chosen once, on all windows; draws of works do not choose again.
    """
    attributes = measure(tokens, trained.encoding, trained.dimensions)
    fits = [interpretability(z, a, works, seed) for a in attributes.T]
    ranks = [rank_correlation(z, a, works) for a in attributes.T]
    figures = {"interpretability": mean(fits), "scc": mean(ranks)}
    for name, fit, rank in zip(trained.dimensions, fits, ranks, strict=True):
        figures |= {f"interpretability/{name}": fit, f"scc/{name}": rank}
    return figures


def interpretability(z: Floats, a: Floats, works: ByWork, seed: int) -> Estimate:
    """R² of a line through the dimension that tells most of the attribute (AR-VAE §4.2).

    z [N, Z], a [N]. Mutual information by k nearest neighbours, as in the published figures. R² of
    a line in one variable is the square of Pearson's correlation.
    """
    most = mutual_info_regression(z, a, random_state=seed).argmax()
    fit = works.correlation(z[:, most], a)
    return Estimate(fit.value**2, fit.drawn**2)


def rank_correlation(z: Floats, a: Floats, works: ByWork) -> Estimate:
    """The largest |ρ| of any dimension with the attribute, 0 where p > .05 (SCC).

    z [N, Z], a [N]. Draws keep the ranks that the windows have among all.
    """
    ranks = rankdata(a)
    rho = np.abs([works.correlation(rankdata(x), ranks).value for x in z.T])
    most = z[:, int(rho.argmax())]
    found = works.correlation(rankdata(most), ranks)
    counts = float(np.ptp(a) > 0 and _p(most, a) <= 0.05)
    return Estimate(counts * abs(found.value), counts * np.abs(found.drawn))


def knobs(trained: Trained, data: Dataset, windows: Windows, seed: int) -> Figures:
    """Does the attribute follow its knob? Per attribute, decoded and heard."""
    learnt, _ = latent.encode(trained.model, data.splits["train"].tokens)
    works = ByWork(windows.work, seed)
    figures: Figures = {}
    for index, name in enumerate(trained.dimensions):
        at = np.quantile(learnt[:, index], control.POSITIONS).astype(np.float32)
        turned = control.turn(trained.model, trained.encoding, windows.tokens, name, index, at)
        for kind, values in vars(turned).items():
            figures[f"knob/{name}/{kind} spearman"] = works.ratio(control.spearman(values))
            figures[f"knob/{name}/{kind} never wrong"] = works.ratio(control.never_wrong(values))
    return figures


def _p(x: Floats, y: Floats) -> float:
    found: Any = spearmanr(x, y)
    return float(found.pvalue)


def _row(figure: Estimate) -> dict[str, float]:
    low, high = figure.interval
    return {"value": figure.value, "low": low, "high": high}
