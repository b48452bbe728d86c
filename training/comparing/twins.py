"""A regularised GLSR-VAE beside its plain twin: what the paper claims of the two (§3.3).

The twin differs in `weights.regularisation = 0` alone, seed and steps included. It is judged along
z_1, as in the paper, and along its steepest dimension, which is kinder to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from training.checkpoint import Trained

LOST = 1.0  # points of token accuracy; the paper's "slight drop (1 %)"
RISING = 0.3  # of the plain run's lines: "no predictable pattern" (Fig. 2a)


class Claim(NamedTuple):
    """A figure that must not be above its bound."""

    words: str
    found: float
    bound: float

    @property
    def holds(self) -> bool:
        return self.found <= self.bound


def pairs(runs: Mapping[str, Trained]) -> Iterable[tuple[str, str]]:
    """Every regularised GLSR-VAE with the run that lacks the regularisation alone."""
    plain = {_alike(run): name for name, run in runs.items() if not _regularised(run)}
    for name, run in runs.items():
        if run.config.get("method") == "glsr-vae" and _regularised(run) and _alike(run) in plain:
            yield name, plain[_alike(run)]


def claims(card: dict[str, Any], plain: dict[str, Any]) -> list[Claim]:
    """Of the cards of both, each measured on the same windows."""
    with_it, without = (c["figures"]["tokens"]["value"] for c in (card, plain))
    own, steepest = _judged(card), _judged(plain)
    rising = {name: way["lines rising"] for name, way in plain["steering"]["along"].items()}
    return [
        Claim("points of token accuracy lost", 100 * (without - with_it), LOST),
        *(Claim(f"plain lines rising along {name}", g, RISING) for name, g in rising.items()),
        Claim("mean |ρ| with other quantities", own["beside"]["mean"], steepest["beside"]["mean"]),
    ]


def lines(card: dict[str, Any], plain: dict[str, Any]) -> Iterable[str]:
    for claim in claims(card, plain):
        said = "reached" if claim.holds else "MISSED"
        yield f"{claim.words}: {claim.found:.3f}, at most {claim.bound:.3f}: {said}"


def _judged(card: dict[str, Any]) -> dict[str, Any]:
    """The direction that a card is judged by: its first."""
    return next(iter(card["steering"]["along"].values()))


def _regularised(run: Trained) -> bool:
    return bool(run.config["weights"].get("regularisation", 1.0))  # the house model has none


def _alike(run: Trained) -> str:
    """What twins share: all but that weight."""
    weights = {**run.config["weights"], "regularisation": None}
    return json.dumps({**run.config, "weights": weights}, sort_keys=True)
