from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from presets.errors import GlissarError
from training import latent
from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.evaluation import evaluate, following, report
from training.evaluation.bootstrap import ByWork


@pytest.fixture(scope="module")
def card(trained: Trained, data: Dataset) -> dict[str, Any]:
    return evaluate.evaluate(trained, data, sample=12)


def test_every_figure_has_an_interval_around_it(card: dict[str, Any]) -> None:
    names = ("rhythm", "range", "density", "contour")
    expected = {"tokens", "tokens/always hold", "tokens/sampled z"}
    expected |= {"onsets", "onset f1", "pitches", "windows"}
    expected |= {"interpretability", "scc"}
    expected |= {f"{kind}/{name}" for kind in ("interpretability", "scc") for name in names}
    expected |= {
        f"knob/{name}/{kind} {what}"
        for name in names
        for kind in ("decoded", "heard")
        for what in ("spearman", "spearman where it can", "moves at all", "never wrong")
    }
    expected |= {f"knob/{name}/can move" for name in names}
    assert set(card["figures"]) == expected
    for figure in card["figures"].values():
        assert -1 <= figure["low"] <= figure["high"] <= 1


def test_the_same_seed_gives_the_same_card(
    card: dict[str, Any], trained: Trained, data: Dataset
) -> None:
    assert evaluate.evaluate(trained, data, sample=12) == card


def test_tokens_are_those_of_the_test_bars(
    card: dict[str, Any], trained: Trained, data: Dataset
) -> None:
    tokens = data.splits["test"].tokens
    mu, _ = latent.encode(trained.model, tokens)
    right = latent.decode(trained.model, mu) == tokens
    figures = card["figures"]
    assert figures["tokens"]["value"] == pytest.approx(right.mean())
    assert figures["onsets"]["value"] == pytest.approx(right[tokens < 30].mean())
    assert figures["windows"]["value"] == pytest.approx(right.all(1).mean())
    assert figures["tokens/always hold"]["value"] == pytest.approx(20 / 24)  # four notes a bar
    assert card["works"] == len(np.unique(data.splits["test"].work))


def test_figures_with_intervals_are_the_measures_without(card: dict[str, Any]) -> None:
    for measure in ("interpretability", "scc"):
        found = card["disentanglement"][measure]
        assert card["figures"][measure]["value"] == pytest.approx(found["mean"])
        for name, value in found["attributes"].items():
            assert card["figures"][f"{measure}/{name}"]["value"] == pytest.approx(value)


def test_measures_by_attribute_their_mean_and_the_paper(
    card: dict[str, Any], trained: Trained
) -> None:
    for measure, found in card["disentanglement"].items():
        assert tuple(found["attributes"]) == trained.dimensions
        if measure != "modularity":  # whose mean is over all dimensions
            mean = np.mean(list(found["attributes"].values()))
            assert found["mean"] == pytest.approx(mean)
        if measure not in ("xmig", "dmig"):  # they came later
            assert card["published"]["measures"][measure]["AR-VAE Bach"]["seeds"] == 10


def test_knobs_and_prior_stand_on_the_card(card: dict[str, Any], trained: Trained) -> None:
    assert tuple(card["knobs"]) == trained.dimensions
    for found in card["knobs"].values():
        for kind in ("decoded", "heard"):
            assert tuple(found[kind]["moves"]) == trained.dimensions
            assert 0 <= found[kind]["kept"] <= 1
    assert card["prior"]["windows"] == evaluate.DRAWN


def test_a_knob_that_moves_nothing_is_not_praised(trained: Trained, data: Dataset) -> None:
    dead = deepcopy(trained.model)
    torch.nn.init.zeros_(dead.get_parameter("decoder.out.weight"))  # the same bar, whatever z is
    card = evaluate.evaluate(replace(trained, model=dead), data, sample=4)
    told = "\n".join(report.lines(card))
    for name in trained.dimensions:
        for kind in ("decoded", "heard"):
            assert card["figures"][f"knob/{name}/{kind} never wrong"]["value"] == 1
            assert card["figures"][f"knob/{name}/{kind} moves at all"]["value"] == 0
            assert f"{kind}, the knob {name} moves nothing in 100.0% of the bars" in told


def test_a_figure_explains_as_a_line_does() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=300)
    line = LinearRegression().fit(x[:, None], x**3)
    found = following.explained(x, x**3, ByWork(np.arange(300) // 10, 0))
    assert found.value == pytest.approx(line.score(x[:, None], x**3))


def test_rank_correlation_sees_any_monotone_relation_and_no_chance_one() -> None:
    draw = np.random.default_rng(0)
    z, works = draw.normal(size=(300, 5)), ByWork(np.arange(300) // 10, 0)
    assert following.rank_correlation(z, -np.exp(z[:, 3]), works).value == pytest.approx(1)
    assert following.rank_correlation(z[:, :1], draw.normal(size=300), works).value == 0
    assert following.rank_correlation(z, np.ones(300), works).value == 0


def test_a_split_without_bars_is_refused(trained: Trained, data: Dataset) -> None:
    test = data.bars["test"]
    bare = replace(data, bars={**data.bars, "test": test.where(np.zeros(len(test), bool))})
    with pytest.raises(GlissarError, match="no unseen test bars"):
        evaluate.evaluate(trained, bare)


def test_what_was_learnt_is_told(card: dict[str, Any], data: Dataset) -> None:
    assert card["protocol"] == "honest"
    assert card["learnt"] == 0
    learnt = data.splits["train"].tokens
    both = np.concatenate([data.splits["test"].tokens[:3], learnt[:1]])
    assert evaluate.shared(both, learnt) == 0.25
