from __future__ import annotations

from dataclasses import replace

import numpy as np

from presets.attributes import measure
from training import latent
from training.figures import knobs
from training.figures.measured import Measured


def plain(run: Measured) -> Measured:
    """The same weights, had they been trained without regularisation."""
    config = run.trained.config
    weights = {**config["weights"], "regularisation": 0.0}
    return replace(run, trained=replace(run.trained, config={**config, "weights": weights}))


def test_a_regularised_run_keeps_attributes_in_their_order(bare: Measured) -> None:
    assert knobs.followed(bare) == [0, 1, 2, 3]


def test_without_regularisation_the_dimension_that_tells_most(bare: Measured) -> None:
    found = knobs.followed(plain(bare))
    windows = knobs.sampled(bare, "train").tokens
    attributes = measure(windows, bare.trained.encoding, bare.trained.dimensions)
    told = knobs.metrics.information(knobs.codes(bare).astype(np.float64), attributes, 0).codes
    for attribute, index in enumerate(found):
        assert told[index, attribute] == told[:, attribute].max()


def test_a_sweep_moves_one_dimension(bare: Measured) -> None:
    windows = knobs.sampled(bare, "test", 3).tokens
    at = np.array([-1, 2], np.float32)
    found = knobs.swept(bare, windows, 1, at)
    assert found.shape == (3, 2, 24)
    z, _ = latent.encode(bare.trained.model, windows)
    z[:, 1] = 2
    assert np.array_equal(found[:, 1], latent.decode(bare.trained.model, z))
    assert np.array_equal(
        knobs.values(bare, found, "density")[:, 1],
        measure(found[:, 1], bare.trained.encoding, ["density"])[:, 0],
    )


def test_a_sample_is_drawn_once(bare: Measured) -> None:
    one, two = (knobs.sampled(bare, "test", 5).tokens for _ in range(2))
    assert np.array_equal(one, two)
    assert len(one) == 5
    assert len(knobs.sampled(bare, "test", 10**6)) == len(bare.data.splits["test"])
