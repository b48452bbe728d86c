from __future__ import annotations

import numpy as np
import pytest

from training import latent
from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.evaluation import aggregated
from training.evaluation.aggregated import Aggregated
from training.evaluation.surface import Direction, played

Z1 = Direction(0)


def prior(size: int = 4000) -> Aggregated:
    """z_1 decides how many notes are decoded; what is written spreads twice as far as z_1."""
    z = np.random.default_rng(0).standard_normal((size, 3), np.float32)
    notes = np.clip(np.round(8 + 2 * z[:, 0]), 4, 12).astype(np.float64)
    return Aggregated(z, notes, 8 + 2 * z[:, 0].astype(np.float64))


def test_the_prior_is_where_it_should_be() -> None:
    found = aggregated.described(prior(), Z1, slope=2.0)
    assert found["mean"] == pytest.approx([0, 0, 0], abs=0.05)
    assert found["sd"] == pytest.approx([1, 1, 1], abs=0.05)
    assert max(found["ks"]) < 0.03
    assert found["own sd"] == pytest.approx(1, abs=0.01)  # 2 notes of spread at a slope of 2
    assert found["ordered"]
    assert list(found["clusters"]) == [str(n) for n in range(4, 13)]


def test_the_farthest_free_dimension_is_told() -> None:
    found = prior()
    z = found.z * [5, 1, 0.5] + [12, -0.3, 0.1]
    told = aggregated.described(found._replace(z=z.astype(np.float32)), Z1, slope=1.0)
    assert told["free mean"] == pytest.approx(-0.3, abs=0.05)
    assert told["free sd"] == pytest.approx(0.5, abs=0.05)
    assert told["own sd"] == pytest.approx(2.5, abs=0.01)
    assert told["ks"][0] > 0.9


def test_clusters_that_do_not_rise_and_those_too_small() -> None:
    z = np.repeat(np.array([0.0, 1.0, 0.5, 9.0], np.float32), [40, 40, 40, 5])[:, None]
    notes = np.repeat([5.0, 6.0, 7.0, 8.0], [40, 40, 40, 5])
    found = Aggregated(z, notes, notes)
    assert aggregated.clusters(found, Z1) == {5: 0.0, 6: 1.0, 7: 0.5}
    assert not aggregated.described(found, Z1, 2.0)["ordered"]
    down = Direction(0, -1)
    assert aggregated.clusters(found, down)[6] == -1
    one = Aggregated(z[:40], notes[:40], notes[:40])
    assert not aggregated.described(one, Z1, 2.0)["ordered"]


def test_a_run_is_sampled_and_not_its_mean_taken(glsr: dict[str, Trained], lines: Dataset) -> None:
    trained, tokens = glsr["regularised"], lines.splits["test"].tokens
    found = aggregated.posterior(trained, tokens, seed=0)
    mu, log_sigma = latent.encode(trained.model, tokens)
    off = (found.z - mu) / np.exp(log_sigma)
    assert off.std() == pytest.approx(1, abs=0.1)
    assert (found.played == played(latent.decode(trained.model, found.z), lines.encoding)).all()
    assert (found.written == played(tokens, lines.encoding)).all()
    assert (aggregated.posterior(trained, tokens, seed=0).z == found.z).all()
    assert (aggregated.posterior(trained, tokens, seed=1).z != found.z).all()
