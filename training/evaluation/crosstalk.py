"""What a knob moves beside its own attribute, how far it reaches, what it leaves of the bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets.attributes import Onsets
from training.evaluation import coherence
from training.evaluation.control import Turn

Floats = NDArray[np.float64]


def described(turned: Turn, own: int, names: Sequence[str], learnt: Floats) -> dict[str, Any]:
    """One knob, decoded and heard; `names[own]` is its attribute, `learnt` [N, A] all in training.

    moves: how far each attribute goes within a window while the knob goes through its positions,
    highest less lowest, a mean over windows in standard deviations of `learnt`. shifts: how far
    each is, on average over the positions, from where it was before, in the same. reached: the own
    attribute at the knob's last position less that at its first, over the span from the 2nd to the
    98th percentile of `learnt`. kept: the share of the bar's notes that are still struck, at their
    step and pitch, over all positions. in key: the share of the notes of all positions that lie in
    the key of the bar as it was played (`coherence`), and what chance would give.
    """
    low, high = np.quantile(learnt[:, own], [0.02, 0.98])
    deviation = learnt.std(0)
    return {
        kind: {
            "moves": dict(zip(names, _moves(turned, after, names, deviation), strict=True)),
            "shifts": _shifts(turned, before, after, dict(zip(names, deviation, strict=True))),
            "reached": _reached(turned.values(after, names[own]), high - low),
            "kept": kept(before, after),
            "in key": coherence.in_key(turned.played, after),
            "in key by chance": coherence.by_chance(turned.played, after),
        }
        for kind, before, after in (
            ("decoded", turned.before, turned.decoded),
            ("heard", turned.played, turned.heard),
        )
    }


def kept(before: Onsets, after: Onsets) -> float:
    """The share of N windows' notes that stand in N·P windows, P to each; 1 where no note is."""
    times = len(after.struck) // len(before.struck)
    struck, pitch = np.repeat(before.struck, times, 0), np.repeat(before.pitch, times, 0)
    still = struck & after.struck & (pitch == after.pitch)
    return float(still.sum() / struck.sum()) if struck.any() else 1.0


def _moves(turned: Turn, after: Onsets, names: Sequence[str], deviation: Floats) -> list[float]:
    spans = [np.ptp(turned.values(after, name), axis=1).mean() for name in names]
    return [float(s / d) if d > 0 else 0.0 for s, d in zip(spans, deviation, strict=True)]


def _shifts(
    turned: Turn, before: Onsets, after: Onsets, deviation: dict[str, float]
) -> dict[str, float]:
    away = {n: np.abs(turned.values(after, n) - turned.values(before, n)) for n in deviation}
    return {n: float(away[n].mean() / d) if d > 0 else 0.0 for n, d in deviation.items()}


def _reached(values: Floats, span: float) -> float:
    return float((values[:, -1] - values[:, 0]).mean() / span) if span > 0 else 0.0
