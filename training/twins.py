"""A regularised GLSR-VAE beside its plain twin: what the paper claims of the two (§3.3).

The twin differs in `weights.regularisation = 0` alone, seed and steps included. It is judged along
z_1, as in the paper, and along its steepest dimension, which is kinder to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

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
