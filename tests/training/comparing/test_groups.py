from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np
import pytest

from training import config as configs
from training.checkpoint import Trained
from training.comparing import groups
from training.comparing.groups import Seeds


def changed(run: Trained, seed: int = 0, **config: Any) -> Trained:
    """Another run of Bach: weights are changed one by one, the rest as it is given."""
    weights = {**run.config["weights"], **config.pop("weights", {})}
    made = {**run.config, **config, "weights": weights, "seed": seed}
    return dataclasses.replace(run, config=made, data={**run.data, "corpus": "Bach"})


def house(run: Trained, **weights: float) -> Trained:
    """A run of the house model, as far as its config goes."""
    made = msgspec.to_builtins(configs.HouseRun())
    made["weights"] |= weights
    return dataclasses.replace(run, config=made, data={**run.data, "corpus": "Bach"})


def of(**runs: Trained) -> list[Seeds]:
    return groups.grouped(runs)


def test_runs_that_differ_in_their_seed_alone_stand_together(trained: Trained) -> None:
    runs = {"a": changed(trained), "b": changed(trained, lr=0.5), "c": changed(trained, 1)}
    runs["c"].config.pop("warmup")  # an older run does not know it, and had the default
    found = groups.grouped(runs)
    assert [list(group.runs) for group in found] == [["a", "c"], ["b"]]
    assert [group.config["lr"] for group in found] == [trained.config["lr"], 0.5]
    assert groups.attributes(found) == ["rhythm", "range", "density", "contour"]


def test_figures_of_all_cards_or_none(trained: Trained) -> None:
    cards = [{"figures": {"windows": {"value": value}}} for value in (0.25, 0.35)]
    runs = [dataclasses.replace(changed(trained, n), card=c) for n, c in enumerate(cards)]
    (found,) = of(a=runs[0], b=runs[1])
    assert found.values("windows") == [0.25, 0.35]
    cards[1]["figures"].clear()
    assert found.values("windows") == []
    assert found.values("tokens") == []


def test_a_label_says_what_most_groups_have_otherwise(trained: Trained) -> None:
    runs = {"full": {}, "swap": {"swap": 0.0}, "stay": {"stay": 0.0}}
    found = of(**{name: house(trained, **weights) for name, weights in runs.items()})
    assert groups.labels(found) == [
        "house Bach",
        "house Bach, weights.swap=0",
        "house Bach, weights.stay=0",
    ]


def test_of_two_groups_both_say_what_differs(trained: Trained) -> None:
    found = of(full=house(trained), plain=house(trained, swap=0.0))
    assert groups.labels(found) == [
        "house Bach, weights.swap=0.3",
        "house Bach, weights.swap=0",
    ]


def test_other_methods_need_no_more_than_their_name(trained: Trained) -> None:
    plain = changed(trained, weights={"regularisation": 0.0}, batch=9)
    found = of(faithful=changed(trained), plain=plain, house=house(trained))
    assert groups.labels(found) == ["AR-VAE Bach", "β-VAE Bach", "house Bach"]


def test_two_protocols_are_told_apart(trained: Trained) -> None:
    rows = dataclasses.replace(changed(trained), card={"protocol": "paper"})
    found = of(rows=rows, house=house(trained))
    assert groups.labels(found) == ["AR-VAE Bach, paper protocol", "house Bach, honest protocol"]


def test_what_configs_do_not_agree_on(trained: Trained) -> None:
    found = of(a=changed(trained, batch=9), b=house(trained))
    differences = groups.differences(found)
    assert differences["batch"] == ["9", "256"]
    assert differences["weights.kl"] == ["0.001", "0.01"]
    assert "attributes" not in differences  # the same
    assert "weights.swap" not in differences  # the house model's alone
    again = groups.differences(of(a=house(trained), b=house(trained, swap=0), c=changed(trained)))
    assert again["weights.swap"] == ["0.3", "0", "–"]


@pytest.mark.parametrize(
    ("value", "told"), [(0.30, "0.3"), (2, "2"), ("auto", "auto"), (["a"], '["a"]'), (True, "true")]
)
def test_a_value_as_a_change_of_a_config_has_it(value: Any, told: str) -> None:
    assert groups.shown(value) == told


def test_cross_talk_is_a_mean_over_seeds(trained: Trained) -> None:
    def card(range_: float) -> dict[str, Any]:
        shifts = {"density": {"density": 2.0, "range": range_}, "range": {"density": 1, "range": 0}}
        return {"knobs": {name: {"heard": {"shifts": of}} for name, of in shifts.items()}}

    runs = [dataclasses.replace(changed(trained, n), card=card(n)) for n in (0, 1)]
    (found,) = of(a=runs[0], b=runs[1])
    talk = found.talk(["density", "range"])
    assert np.array_equal(talk, [[1, 0.25], [np.nan, np.nan]], equal_nan=True)
