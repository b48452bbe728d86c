from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from training.checkpoint import Trained
from training.comparing import twins
from training.data.dataset import Dataset
from training.evaluation import evaluate


def card(tokens: float, **along: tuple[float, float]) -> dict[str, Any]:
    ways = {n: {"lines rising": r, "beside": {"mean": rho}} for n, (r, rho) in along.items()}
    return {"figures": {"tokens": {"value": tokens}}, "steering": {"along": ways}}


def test_claims_by_hand() -> None:
    regularised = card(0.845, z1=(0.99, 0.1))
    plain = card(0.85, z4=(0.25, 0.2), z1=(0.0, 0.0))
    lost, rising, own, beside = twins.claims(regularised, plain)
    assert lost.found == pytest.approx(0.5)
    assert rising == ("plain lines rising along z4", 0.25, 0.3)
    assert own == ("plain lines rising along z1", 0.0, 0.3)
    assert beside[1:] == (0.1, 0.2)
    assert lost.holds
    assert rising.holds
    assert beside.holds


def test_what_does_not_hold_is_said() -> None:
    told = list(twins.lines(card(0.83, z1=(0.99, 0.3)), card(0.85, z4=(0.5, 0.2))))
    assert told == [
        "points of token accuracy lost: 2.000, at most 1.000: MISSED",
        "plain lines rising along z4: 0.500, at most 0.300: MISSED",
        "mean |ρ| with other quantities: 0.300, at most 0.200: MISSED",
    ]


def test_cards_of_runs_have_what_it_asks(glsr: dict[str, Trained], lines: Dataset) -> None:
    cards = {name: evaluate.evaluate(run, lines, sample=4) for name, run in glsr.items()}
    lost, rising, *_, beside = twins.claims(cards["regularised"], cards["plain"])
    tokens = [cards[name]["figures"]["tokens"]["value"] for name in ("plain", "regularised")]
    assert lost.found == pytest.approx(100 * (tokens[0] - tokens[1]))
    plain = next(iter(cards["plain"]["steering"]["along"].values()))
    assert (rising.found, beside.bound) == (plain["lines rising"], plain["beside"]["mean"])


def test_twins_differ_in_the_regularisation_alone(glsr: dict[str, Trained]) -> None:
    other = {**glsr["plain"].config, "seed": 9}
    runs = {**glsr, "stranger": dataclasses.replace(glsr["plain"], config=other)}
    assert list(twins.pairs(runs)) == [("regularised", "plain")]
    assert list(twins.pairs({"alone": runs["regularised"]})) == []
