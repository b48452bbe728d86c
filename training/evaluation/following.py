"""How well an encoder's dimensions follow the attributes that they were trained to follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from presets.attributes import measure
from presets.encoding import Tokens
from training.checkpoint import Trained
from training.evaluation import metrics
from training.evaluation.bootstrap import ByWork, Estimate, mean
from training.evaluation.metrics import Disentanglement, Information

Floats = NDArray[np.float64]
Figures = dict[str, Estimate]


def following(
    trained: Trained,
    tokens: Tokens,
    z: Floats,
    few: NDArray[np.int64],
    works: ByWork,
    seed: int,
) -> tuple[Figures, dict[str, Any]]:
    """How well codes z [N, Z] of windows [N, T] follow the attributes, the measures on `few`."""
    names = trained.dimensions
    if not names:
        return {}, {"disentanglement": {}, "perfect": {}}
    attributes = measure(tokens, trained.encoding, names)
    told = metrics.information(z[few], attributes[few], seed)
    found = metrics.disentanglement(z[few], attributes[few], told, range(len(names)))
    best = metrics.perfect(attributes[few], z.shape[1], seed)
    measures = {"disentanglement": found, "perfect": best}
    return (
        codes(names, z, attributes, told, works),
        {name: by_attribute(each, names) for name, each in measures.items()},
    )


def codes(
    names: Sequence[str], z: Floats, attributes: Floats, told: Information, works: ByWork
) -> Figures:
    """Interpretability and SCC of every attribute, and their means over attributes.

    z [N, Z], attributes [N, A]. The dimension is chosen once, on all windows; draws of works do not
    choose again.
    """
    fits = [
        explained(z[:, most], a, works)
        for most, a in zip(told.codes.argmax(0), attributes.T, strict=True)
    ]
    ranks = [rank_correlation(z, a, works) for a in attributes.T]
    figures = {"interpretability": mean(fits), "scc": mean(ranks)}
    for name, fit, rank in zip(names, fits, ranks, strict=True):
        figures |= {f"interpretability/{name}": fit, f"scc/{name}": rank}
    return figures


def by_attribute(found: Disentanglement, names: Sequence[str]) -> dict[str, Any]:
    """Every measure by attribute, and its mean.

    Modularity by attribute is that of its own dimension; the mean is over all dimensions. There are
    no intervals: a work drawn twice would be its own nearest neighbour.
    """
    return {
        measure: {
            "attributes": dict(zip(names, values.tolist(), strict=False)),
            "mean": float(values.mean()),
        }
        for measure, values in vars(found).items()
    }


def explained(x: Floats, a: Floats, works: ByWork) -> Estimate:
    """R² of a line through x [N] to a [N]: the square of Pearson's correlation."""
    fit = works.correlation(x, a)
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


def _p(x: Floats, y: Floats) -> float:
    found: Any = spearmanr(x, y)
    return float(found.pvalue)
