"""A regularised GLSR-VAE beside its plain twin: what the paper claims of the two (§3.3).

The twin differs in `weights.regularisation = 0` alone, seed and steps included. It is judged along
its steepest dimension, which is kinder to it than the paper's z_1.
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
    (name, steepest), own = _judged(plain), _judged(card)[1]
    return [
        Claim("points of token accuracy lost", 100 * (without - with_it), LOST),
        Claim(f"plain lines rising along {name}", steepest["lines rising"], RISING),
        Claim("mean |ρ| with other quantities", own["beside"]["mean"], steepest["beside"]["mean"]),
    ]


def lines(card: dict[str, Any], plain: dict[str, Any]) -> Iterable[str]:
    for claim in claims(card, plain):
        said = "reached" if claim.holds else "MISSED"
        yield f"{claim.words}: {claim.found:.3f}, at most {claim.bound:.3f}: {said}"


def _judged(card: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The direction that a card is judged by: its first."""
    return next(iter(card["steering"]["along"].items()))
