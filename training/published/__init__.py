"""Figures of the papers, to be read beside ours. The file says where they come from."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("ar_vae_figures.json")


def ar_vae() -> dict[str, Any]:
    """source, protocol, and measures: measure → model and corpus → mean, sd, low, high, seeds."""
    found = json.loads(FIGURES.read_text("utf-8"))
    measures = {
        measure: {model: _summary(seeds) for model, seeds in models.items()}
        for measure, models in found["measures"].items()
    }
    return {**found, "measures": measures}


def ar_vae_seeds() -> dict[str, dict[str, list[float]]]:
    """measure → model and corpus → one value a seed, rising."""
    return json.loads(FIGURES.read_text("utf-8"))["measures"]


def _summary(seeds: list[float]) -> dict[str, float]:
    return {
        "mean": round(statistics.fmean(seeds), 4),
        "sd": round(statistics.stdev(seeds), 4),
        "low": min(seeds),
        "high": max(seeds),
        "seeds": len(seeds),
    }
