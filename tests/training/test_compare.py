from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from presets.errors import GlissarError
from training import compare, published, scores
from training.checkpoint import Trained


def card(protocol: str, tokens: float, measures: float = 0.5) -> dict[str, Any]:
    figures = {"tokens": tokens - 0.1, "tokens/sampled z": tokens, "windows": tokens / 2}
    others = [name for name in scores.MEASURES if name != "tokens"]
    return {
        "protocol": protocol,
        "figures": {name: {"value": value} for name, value in figures.items()},
        "disentanglement": {name: {"mean": measures} for name in others},
        "perfect": {name: {"mean": 0.875} for name in others},
    }


def seed(run: Trained, number: int, found: dict[str, Any], **config: Any) -> Trained:
    data = {**run.data, "corpus": "soprano of the Bach scores"}
    changed = {**run.config, "seed": number, **config}
    return dataclasses.replace(run, config=changed, card=found, data=data, seed=number)


def test_runs_that_differ_in_their_seed_alone_stand_together(trained: Trained) -> None:
    runs = {
        "a": seed(trained, 0, card("paper", 0.5)),
        "b": seed(trained, 0, card("paper", 0.5), lr=0.5),
        "c": seed(trained, 1, card("paper", 0.7)),
    }
    found = compare.grouped(runs)
    assert [list(group.runs) for group in found] == [["a", "c"], ["b"]]
    assert found[0].values("tokens") == [0.5, 0.7]
    assert found[0].values("windows") == [0.25, 0.35]
    assert found[0].values("nobody measured this") == []


def test_a_mean_and_its_spread() -> None:
    assert compare.spread([0.5, 0.7]) == "0.600 ± 0.141"
    assert compare.spread([0.5]) == "0.500"
    assert compare.spread([]) == "–"


def test_marks_are_reached_or_missed_on_the_papers_protocol(trained: Trained) -> None:
    low = published.ar_vae()["measures"]["tokens"]["AR-VAE Bach"]["low"]
    runs = {
        "a": seed(trained, 0, card("paper", low + 0.02, 1.0)),
        "b": seed(trained, 1, card("paper", low - 0.01, 1.0)),
    }
    told = list(compare.lines(runs))
    assert all(line.endswith("reached") for line in told[-6:])
    runs["b"] = seed(trained, 1, card("paper", low - 0.03, 1.0))
    told = list(compare.lines(runs))[-6:]
    assert [line.split()[-1] for line in told] == ["MISSED", *5 * ["reached"]]
    assert ["0.875" in line for line in told] == [False, *5 * [True]]


def test_on_held_out_works_nothing_is_to_be_reached(trained: Trained) -> None:
    told = "\n".join(compare.lines({"a": seed(trained, 0, card("honest", 0.9))}))
    assert "1: AR-VAE Bach, honest protocol: a" in told
    assert ["tokens", "0.800"] in [line.split() for line in told.splitlines()]
    assert "reached" not in told


def test_a_run_that_was_not_measured_is_a_sentence(trained: Trained) -> None:
    with pytest.raises(GlissarError, match="a has no card"):
        compare.grouped({"a": trained})


def test_a_regularised_run_stands_beside_its_plain_twin(glsr: dict[str, Trained]) -> None:
    steering = {"along": {"z1": {"lines rising": 0.5, "beside": {"mean": 0.25}}}}
    runs = {
        name: dataclasses.replace(run, card=card("honest", 0.8) | {"steering": steering})
        for name, run in glsr.items()
    }
    other = {**glsr["plain"].config, "seed": 9}
    runs["stranger"] = dataclasses.replace(runs["plain"], config=other)
    assert list(compare.pairs(runs)) == [("regularised", "plain")]
    told = list(compare.lines(runs))
    assert "regularised beside its plain twin plain" in told[-4]
    assert told[-3] == "points of token accuracy lost: 0.000, at most 1.000: reached"
    assert list(compare.pairs({"alone": runs["regularised"]})) == []
