"""How well latent dimensions follow attributes, estimated as AR-VAE's published figures were.

Codes are [N, Z], attributes [N, A]; dimension r of `dimensions` [A] is the one trained to follow
attribute a. These measures look at the encoder alone: they do not say that turning the dimension
moves what is decoded. And they are estimates of their own kind:

- Mutual information is by nearest neighbours (Kraskov et al. 2004; Ross's noise against ties), in
  nats, and "entropy" is the same estimate of I(a; a). For an attribute without repeated values that
  grows with log N, so gaps of runs with different N, or of binned estimates, do not compare.
- Modularity is a mean over all dimensions: those that follow nothing count, and mostly as noise.
- MIG and SAP ask for one dimension alone; where attributes depend on each other they cannot reach
  1. XMIG and DMIG (Watcharasupat & Lerch 2021) say what is left once that is allowed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.feature_selection import mutual_info_regression

Floats = NDArray[np.float64]

NEIGHBOURS = 3
SIGNIFICANT = 0.05
_STILL = 1e-12  # a variance below this is none


@dataclass(frozen=True)
class Information:
    """Mutual information in nats."""

    codes: Floats  # [Z, A], of every dimension with every attribute
    attributes: Floats  # [A, A]; the diagonal stands for the attributes' entropies

    @property
    def entropy(self) -> Floats:
        """[A]"""
        return np.diagonal(self.attributes)


@dataclass(frozen=True)
class Disentanglement:
    """Every measure of one set of codes."""

    interpretability: Floats  # [A]
    mig: Floats  # [A]
    sap: Floats  # [A]
    scc: Floats  # [A]
    xmig: Floats  # [A]
    dmig: Floats  # [A]
    modularity: Floats  # [Z]


def disentanglement(
    codes: Floats, attributes: Floats, told: Information, dimensions: Sequence[int]
) -> Disentanglement:
    """All measures; `told` is their `information`."""
    return Disentanglement(
        interpretability=interpretability(codes, attributes, told),
        mig=mig(told),
        sap=sap(codes, attributes),
        scc=scc(codes, attributes),
        xmig=xmig(told, dimensions),
        dmig=dmig(told, dimensions),
        modularity=modularity(told),
    )


def perfect(attributes: Floats, size: int, seed: int) -> Disentanglement:
    """What `size` codes would score of which the first are the attributes and the rest is noise.

    Below 1 wherever the music itself keeps a measure from it: attributes that depend on each other
    (MIG, SAP, Modularity), or have few values (SCC, as no two codes are ever the same: here by a
    thousandth of a deviation).
    """
    draw = np.random.default_rng(seed).standard_normal
    own = attributes + 1e-3 * attributes.std(0) * draw(attributes.shape)
    codes = np.hstack([own, draw((len(own), size - own.shape[1]))])
    told = information(codes, attributes, seed)
    return disentanglement(codes, attributes, told, range(own.shape[1]))


def information(codes: Floats, attributes: Floats, seed: int) -> Information:
    """I(z; a) of all pairs, and I(a; b) of the attributes; `seed` draws the estimate's noise.

    What does not vary tells nothing: 0, where the estimator would compare its own noise.
    """
    columns, moves, varies = attributes.T, _varies(codes), _varies(attributes)
    among = [[_information(a[:, None], b, seed)[0] for b in columns] for a in columns]
    of_codes = [_information(codes, a, seed) for a in columns]
    return Information(
        np.stack(of_codes, axis=1) * np.outer(moves, varies),
        np.array(among) * np.outer(varies, varies),
    )


def interpretability(codes: Floats, attributes: Floats, told: Information) -> Floats:
    """R² of a line through the dimension with the most information about the attribute [A].

    Adel, Ghahramani & Weller 2018 as AR-VAE §4.2 uses it: fitted and scored on the same points. R²
    of a line in one variable is the square of Pearson's correlation. Of equals the first is taken,
    also where none tells anything.
    """
    most = told.codes.argmax(0)
    return correlation(codes, attributes)[most, np.arange(len(most))] ** 2


def mig(told: Information) -> Floats:
    """Mutual information gap [A]: (I(a; z₁) − I(a; z₂)) / H(a), z₁ and z₂ the two that tell most.

    Chen et al. 2018. 0 for an attribute that does not vary.
    """
    return _over(_gap(told.codes), told.entropy)


def xmig(told: Information, dimensions: Sequence[int]) -> Floats:
    """The gap of the attribute's own dimension to those that follow no attribute [A].

    (I(a; z_r) − max over free k of I(a; z_k)) / H(a); Watcharasupat 2021. Negative where a free
    dimension tells more than z_r. With no free dimension nothing is subtracted.
    """
    free = np.delete(told.codes, list(dimensions), axis=0)
    best = free.max(0, initial=0.0)
    return _over(_own(told, dimensions) - best, told.entropy)


def dmig(told: Information, dimensions: Sequence[int]) -> Floats:
    """The gap over what the runner-up's own attribute leaves to be told [A].

    (I(a; z_r) − I(a; z_k)) / H(a | b), k the best dimension but r, b the attribute that z_k
    follows, H(a | b) = H(a) − I(a; b); H(a) where z_k follows none. Watcharasupat & Lerch 2021.
    Negative where z_k tells more than z_r; 0 where b leaves nothing. It can pass 1 where z_k tells
    less of a than b itself does.
    """
    every = np.arange(len(dimensions))
    others = told.codes.copy()
    others[list(dimensions), every] = -np.inf
    if len(others) == 1:
        return _over(_own(told, dimensions), told.entropy)
    second = others.argmax(0)
    tied = np.array(dimensions) == second[:, None]  # [A, A]
    shared = np.where(tied.any(1), told.attributes[every, tied.argmax(1)], 0.0)
    gap = _own(told, dimensions) - others[second, every]
    return _over(gap, told.entropy - shared)


def modularity(told: Information) -> Floats:
    """How far each dimension tells of one attribute only [Z].

    1 − Σ_{b ≠ a} I(b; z)² / (I(a; z)² · (A − 1)), a the attribute it tells most of; 0 where it
    tells of none. Ridgeway & Mozer 2018.
    """
    squares = told.codes**2
    most = squares.max(1)
    others = (squares.sum(1) - most) / max(squares.shape[1] - 1, 1)
    return np.where(most > 0, 1 - _over(others, most), 0.0)


def sap(codes: Floats, attributes: Floats) -> Floats:
    """Separated attribute predictability [A]: the gap of the two best squared correlations.

    Kumar, Sattigeri & Balakrishnan 2018, for continuous attributes.
    """
    return _gap(correlation(codes, attributes) ** 2)


def scc(codes: Floats, attributes: Floats) -> Floats:
    """The largest |ρ| (Spearman) of any dimension with the attribute [A]; p > .05 counts as 0."""
    rho = np.abs(correlation(stats.rankdata(codes, axis=0), stats.rankdata(attributes, axis=0)))
    free = len(codes) - 2
    t = rho * np.sqrt(free / np.maximum((1 - rho) * (1 + rho), 1e-300))
    return np.where(2 * stats.t.sf(t, free) <= SIGNIFICANT, rho, 0.0).max(0)


def correlation(x: Floats, y: Floats) -> Floats:
    """Pearson's of all columns [X, Y]; 0 where either does not vary."""
    return np.clip(_unit(x).T @ _unit(y), -1, 1)


def _varies(x: Floats) -> NDArray[np.bool_]:
    """Which columns do."""
    return np.var(x, axis=0) > _STILL


def _unit(x: Floats) -> Floats:
    """Columns centred and of length 1; zeros where they do not vary."""
    x = (x - x.mean(0)) * _varies(x)
    length = np.sqrt((x * x).sum(0))
    return x / np.where(length > 0, length, 1.0)


def _information(features: Floats, target: Floats, seed: int) -> Floats:
    return mutual_info_regression(features, target, n_neighbors=NEIGHBOURS, random_state=seed)


def _own(told: Information, dimensions: Sequence[int]) -> Floats:
    """I(a; z_r) [A]."""
    return told.codes[list(dimensions), np.arange(len(dimensions))]


def _gap(scores: Floats) -> Floats:
    """The best of each column [Z, A] less the next; less nothing where there is one row."""
    ordered = np.sort(np.vstack([np.zeros(scores.shape[1]), scores]), axis=0)
    return ordered[-1] - ordered[-2]


def _over(part: Floats, whole: Floats) -> Floats:
    """part / whole; 0 where the whole is not positive."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0)
