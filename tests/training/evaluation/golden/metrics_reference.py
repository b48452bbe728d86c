"""The measures of `training.evaluation.metrics` a second time, by plain loops from definitions.

`metrics_make.py` writes what it finds into metrics.json.

Definitions:
- mutual information: Kraskov, Stögbauer & Grassberger 2004, "Estimating mutual information",
  Phys. Rev. E 69, equation 8, k = 3, with the noise that scikit-learn documents for
  mutual_info_regression (columns over their standard deviation, plus 1e-10 · max(1, mean |x|) times
  standard normals, the features' drawn before the target's);
- interpretability: Adel, Ghahramani & Weller 2018, "Discovering interpretable representations for
  both deep generative and discriminative models", as in Pati & Lerch 2021 (AR-VAE), §4.2;
- MIG: Chen et al. 2018, "Isolating sources of disentanglement in variational autoencoders", eq. 6;
- SAP: Kumar, Sattigeri & Balakrishnan 2018, "Variational inference of disentangled latent concepts
  from unlabeled observations", §3; SCC: Pati & Lerch 2021, §4.2;
- modularity: Ridgeway & Mozer 2018, "Learning deep disentangled embeddings with the F-statistic
  loss", §3;
- DMIG: Watcharasupat & Lerch 2021, "Evaluation of latent space disentanglement in the presence of
  interdependent attributes"; XMIG: Watcharasupat 2021, "Controllable music".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma
from scipy.stats import pearsonr, spearmanr
from sklearn.linear_model import LinearRegression

Floats = NDArray[np.float64]

K = 3
SEED = 7
DIMENSIONS = [0, 1, 2]  # z_r follows attribute r in every case


def noisy(features: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Scaled, and with noise against ties: features [N, F], target [N]."""
    rng = np.random.RandomState(SEED)
    features, target = scaled(features), scaled(target[:, None])[:, 0]
    size = np.maximum(1, np.abs(features).mean(0))
    features = features + 1e-10 * size * rng.standard_normal(features.shape)
    size = max(1, np.abs(target).mean())
    return features, target + 1e-10 * size * rng.standard_normal(len(target))


def scaled(columns: Floats) -> Floats:
    deviation = columns.std(0)
    return columns / np.where(deviation > 1e-12, deviation, 1)


def kraskov(x: Floats, y: Floats) -> float:
    """Equation 8: ψ(k) + ψ(N) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩, at least 0."""
    total = 0.0
    for i in range(len(x)):
        dx, dy = np.abs(x - x[i]), np.abs(y - y[i])
        both = np.maximum(dx, dy)
        both[i] = np.inf
        reach = np.sort(both)[K - 1]
        nx, ny = (dx < reach).sum() - 1, (dy < reach).sum() - 1
        total += digamma(nx + 1) + digamma(ny + 1)
    return max(0.0, float(digamma(K) + digamma(len(x)) - total / len(x)))


def told(features: Floats, target: Floats) -> list[float]:
    """I(x; target) of every feature."""
    if target.std() < 1e-6:
        return [0.0] * features.shape[1]
    still = features.std(0) < 1e-6
    features, target = noisy(features, target)
    return [0.0 if none else kraskov(x, target) for none, x in zip(still, features.T, strict=True)]


def entropy(a: Floats) -> float:
    return told(a[:, None], a)[0]


def best_two(scores: list[float]) -> tuple[int, int]:
    """The first of the highest, and the first of the highest of the rest."""
    first = scores.index(max(scores))
    rest = [-np.inf if i == first else s for i, s in enumerate(scores)]
    return first, rest.index(max(rest))


def interpretability(z: Floats, a: Floats) -> float:
    column = z[:, [best_two(told(z, a))[0]]]
    return 0.0 if a.std() == 0 else float(LinearRegression().fit(column, a).score(column, a))


def mig(z: Floats, a: Floats) -> float:
    information = told(z, a)
    first, second = best_two(information)
    whole = entropy(a)
    return (information[first] - information[second]) / whole if whole > 0 else 0.0


def xmig(z: Floats, attributes: Floats, which: int) -> float:
    a = attributes[:, which]
    information = told(z, a)
    free = [information[d] for d in range(z.shape[1]) if d not in DIMENSIONS]
    whole = entropy(a)
    return (information[DIMENSIONS[which]] - max(free)) / whole if whole > 0 else 0.0


def dmig(z: Floats, attributes: Floats, which: int) -> float:
    a, own = attributes[:, which], DIMENSIONS[which]
    information = told(z, a)
    rest = [-np.inf if d == own else i for d, i in enumerate(information)]
    second = rest.index(max(rest))
    whole = entropy(a)
    if second in DIMENSIONS:
        whole -= told(a[:, None], attributes[:, DIMENSIONS.index(second)])[0]
    return (information[own] - rest[second]) / whole if whole > 0 else 0.0


def modularity(z: Floats, attributes: Floats, dimension: int) -> float:
    squares = [told(z, a)[dimension] ** 2 for a in attributes.T]
    most = squares.index(max(squares))
    if squares[most] == 0:
        return 0.0
    others = sum(s for i, s in enumerate(squares) if i != most)
    return 1 - others / (squares[most] * (len(squares) - 1))


def sap(z: Floats, a: Floats) -> float:
    scores = [pearsonr(x, a)[0] ** 2 if min(x.std(), a.std()) > 1e-6 else 0.0 for x in z.T]
    first, second = best_two(scores)
    return float(scores[first] - scores[second])


def scc(z: Floats, a: Floats) -> float:
    best = 0.0
    for x in z.T:
        if min(x.std(), a.std()) > 1e-6:
            rho, p = spearmanr(x, a)
            best = max(best, abs(rho) if p <= 0.05 else 0.0)
    return float(best)


def values(z: Floats, attributes: Floats) -> dict[str, list[float]]:
    """Every measure by its name."""
    alone: dict[str, Callable[[Floats, Floats], float]] = {
        "interpretability": interpretability,
        "mig": mig,
        "sap": sap,
        "scc": scc,
    }
    found = {name: [measure(z, a) for a in attributes.T] for name, measure in alone.items()}
    every = range(attributes.shape[1])
    found["xmig"] = [xmig(z, attributes, i) for i in every]
    found["dmig"] = [dmig(z, attributes, i) for i in every]
    found["modularity"] = [modularity(z, attributes, d) for d in range(z.shape[1])]
    return found
