from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from presets.errors import GlissarError
from training import published
from training.checkpoint import Trained
from training.comparing import compare, parts, scores

NAMES = ("rhythm", "range", "density", "contour")


def card(protocol: str, tokens: float, measures: float = 0.5) -> dict[str, Any]:
    figures = {"tokens": tokens - 0.1, "tokens/sampled z": tokens, "windows": tokens / 2}
    others = [name for name in scores.MEASURES if name != "tokens"]
    knobs = {name: sweep(name) for name in NAMES}
    for name in NAMES:
        figures[f"knob/{name}/heard spearman"] = measures
    return {
        "protocol": protocol,
        "figures": {name: {"value": value} for name, value in figures.items()},
        "disentanglement": {name: {"mean": measures} for name in others},
        "perfect": {name: {"mean": 0.875} for name in others},
        "knobs": knobs,
        "prior": dict.fromkeys(compare.PRIOR, 0.125),
    }


def sweep(own: str) -> dict[str, Any]:
    """Of a knob that moves range half as far as what it is for."""
    shifts = {name: 2.0 if name == own else float(name == "range") for name in NAMES}
    of = {"reached": 0.75, "kept": 0.5, "in key": 0.25, "shifts": shifts}
    return {"decoded": of, "heard": of}


def seed(run: Trained, number: int, found: dict[str, Any], **config: Any) -> Trained:
    data = {**run.data, "corpus": "soprano of the Bach scores"}
    changed = {**run.config, "seed": number, **config}
    return dataclasses.replace(run, config=changed, card=found, data=data, seed=number)


def test_a_mean_and_its_spread() -> None:
    assert compare.spread([0.5, 0.7]) == "0.600 ± 0.141"
    assert compare.spread([0.5]) == "0.500"
    assert compare.spread([]) == "–"


def test_runs_without_knobs_have_neither_knobs_nor_cross_talk(trained: Trained) -> None:
    found = card("honest", 0.5) | {"disentanglement": {}, "perfect": {}, "knobs": {}}
    told = "\n".join(compare.lines({"bare": seed(trained, 0, found, attributes=[])}))
    assert "Windows drawn from the prior" in told
    assert "Cross-talk" not in told


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
    assert "span reached, heard" in told
    assert not [line for line in told.splitlines() if line.endswith(("reached", "MISSED"))]


def test_a_run_that_was_not_measured_is_a_sentence(trained: Trained) -> None:
    with pytest.raises(GlissarError, match="a has no card"):
        list(compare.lines({"a": trained}))


def test_every_part_fits_a_terminal_with_a_column_for_each_attribute(trained: Trained) -> None:
    runs = {
        f"run {n}": seed(trained, 0, card("honest", 0.9), lr=n / 1000, batch=n) for n in range(2, 9)
    }
    told = list(compare.lines(runs))
    assert [line for line in told[7:] if len(line) > parts.WIDTH] == []
    assert "1: AR-VAE Bach, batch=2, lr=0.002, honest protocol: run 2" in told
    rows = [line.split() for line in told]
    name = ["1", "AR-VAE", "Bach,", "batch=2,", "lr=0.002"]
    assert ["Spearman,", "heard"] in rows
    assert [*name, *4 * ["0.500"]] in rows  # Spearman, and notes kept
    assert [*name, *4 * ["0.750"]] in rows  # reached
    assert [*name, *5 * ["0.125"]] in rows  # the prior
    assert ["batch", *map(str, range(2, 9))] in rows


def test_matrices_stand_side_by_side(trained: Trained) -> None:
    found = card("honest", 0.9)
    old = card("honest", 0.9)
    for knob in old["knobs"].values():
        del knob["heard"]["shifts"]
    runs = {
        name: seed(trained, 0, of, lr=number)
        for number, (name, of) in enumerate({"a": found, "b": found, "c": old}.items(), 1)
    }
    told = [line.split() for line in compare.lines(runs)]
    assert ["rhythm", *2 * ["1.00", "0.50", "0.00", "0.00"], *4 * ["–"]] in told
    assert ["range", *2 * ["0.00", "1.00", "0.00", "0.00"], *4 * ["–"]] in told


def test_what_no_card_has_is_no_row(trained: Trained) -> None:
    told = "\n".join(compare.lines({"a": seed(trained, 0, card("honest", 0.9))}))
    assert "Spearman, heard" in told
    assert "Spearman, decoded" not in told
    assert "asked for" not in told


def test_a_regularised_run_stands_beside_its_plain_twin(glsr: dict[str, Trained]) -> None:
    steering = {"along": {"z1": {"lines rising": 0.5, "beside": {"mean": 0.25}}}}
    runs = {
        name: dataclasses.replace(run, card=card("honest", 0.8) | {"steering": steering})
        for name, run in glsr.items()
    }
    told = list(compare.lines(runs))
    assert "regularised beside its plain twin plain" in told[-4]
    assert told[-3] == "points of token accuracy lost: 0.000, at most 1.000: reached"
