"""How sure a figure is: 95 % intervals by drawing whole works again (bars of a work are kin)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A figure, and what it would have been with other works [draws]."""

    value: float
    drawn: Floats

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by the percentiles of the draws."""
        low, high = np.quantile(self.drawn, [0.025, 0.975])
        return float(low), float(high)


class ByWork:
    """Draws of the works of N rows, with replacement; the same draws for every figure."""

    def __init__(self, work: Rows, seed: int, draws: int = 1000) -> None:
        names, self._work = np.unique(work, return_inverse=True)
        self.works = len(names)
        chances = np.full(self.works, 1 / self.works)
        times = np.random.default_rng(seed).multinomial(self.works, chances, size=draws)
        self._times = np.vstack([np.ones(self.works), times])  # the first row: as it is

    def ratio(self, part: Floats, whole: Floats | None = None) -> Estimate:
        """Σ part / Σ whole over the rows [N]; the mean of `part` where no whole is given."""
        whole = np.ones(len(part)) if whole is None else whole
        return _estimate(self._sums(part) / np.maximum(self._sums(whole), 1e-12))

    def correlation(self, x: Floats, y: Floats) -> Estimate:
        """Pearson's, over the rows [N]; 0 where either does not vary."""
        x, y = x - x.mean(), y - y.mean()  # for precision only
        n, sx, sy = (self._sums(v) for v in (np.ones(len(x)), x, y))
        xx, yy, xy = (self._sums(v) for v in (x * x, y * y, x * y))
        scale = np.sqrt(np.maximum(n * xx - sx * sx, 0) * np.maximum(n * yy - sy * sy, 0))
        return _estimate((n * xy - sx * sy) * (scale > 1e-12) / np.maximum(scale, 1e-12))

    def _sums(self, values: Floats) -> Floats:
        """Σ of the rows' values [N] under every draw [1 + draws]."""
        return self._times @ np.bincount(self._work, values, self.works).astype(np.float64)


def mean(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of figures that share their draws."""
    values = [estimate.value for estimate in estimates]
    return Estimate(float(np.mean(values)), np.mean([e.drawn for e in estimates], axis=0))


def _estimate(found: Floats) -> Estimate:
    return Estimate(float(found[0]), found[1:])
