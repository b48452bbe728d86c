from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from training import published
from training.checkpoint import Trained
from training.comparing import scores


@pytest.mark.parametrize(
    ("config", "dimensions", "corpus", "column"),
    [
        ({}, ("rhythm", "range"), "soprano of the Bach scores", "AR-VAE Bach"),
        ({"weights": {"regularisation": 0}}, ("rhythm", "range"), "O'Neill", "beta-VAE Folk"),
        ({}, ("range",), "soprano of the Bach scores", "AR-VAE Bach range"),
        ({}, ("rhythm", "range"), "melodies of 3 MIDI files", "AR-VAE other"),
        ({"method": "glsr-vae"}, ("density",), "Bach", "GLSR-VAE Bach"),
        (
            {"method": "glsr-vae", "weights": {"regularisation": 0}},
            ("density",),
            "Bach",
            "VAE Bach",
        ),
    ],
)
def test_a_run_has_its_column(
    trained: Trained, config: dict[str, Any], dimensions: tuple[str, ...], corpus: str, column: str
) -> None:
    made = {"weights": {"regularisation": 1}} | config
    run = dataclasses.replace(trained, config=made, dimensions=dimensions, data={"corpus": corpus})
    assert scores.column(run) == column


def test_tokens_are_those_of_a_sample_on_rows_alone() -> None:
    card = {"figures": {"tokens": {"value": 0.9}, "tokens/sampled z": {"value": 0.8}}}
    assert scores.value(card, "tokens") == 0.9
    assert scores.value({**card, "protocol": "honest"}, "tokens") == 0.9
    assert scores.value({**card, "protocol": "paper"}, "tokens") == 0.8


def test_bach_must_reach_the_lowest_published_seed() -> None:
    seeds = published.ar_vae_seeds()
    for measure in scores.MEASURES:
        assert scores.must("AR-VAE Bach", measure) == min(seeds[measure]["AR-VAE Bach"])
        folk = scores.must("AR-VAE Folk", measure)
        assert folk is not None
        assert folk <= max(seeds[measure]["AR-VAE Folk"])
        assert scores.must("AR-VAE other", measure) is None
