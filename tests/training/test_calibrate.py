from __future__ import annotations

import numpy as np
import pytest

from presets.attributes import measure
from training import latent
from training.calibrate import PERCENTILES, calibrate
from training.checkpoint import Trained
from training.data.bars import BACH
from training.data.dataset import Dataset


def test_the_tables_say_where_z_lies_and_what_is_there(trained: Trained, data: Dataset) -> None:
    tokens = data.splits["train"].tokens
    mu, log_sigma = latent.encode(trained.model, tokens)
    found = calibrate(trained, data, sample=len(tokens))
    assert list(found.tables) == list(trained.dimensions)
    for index, (name, table) in enumerate(found.tables.items()):
        assert table.p == list(PERCENTILES)
        assert table.z == pytest.approx(np.quantile(mu[:, index], PERCENTILES), abs=1e-6)
        moved = mu.copy()
        moved[:, index] = table.z[3]
        decoded = latent.decode(trained.model, moved)
        assert table.value[3] == pytest.approx(measure(decoded, BACH, [name]).mean())
    assert found.sigma == pytest.approx(np.exp(log_sigma).mean(0))


def test_a_sample_is_drawn_by_its_seed(trained: Trained, data: Dataset) -> None:
    one, same = (calibrate(trained, data, sample=5, seed=3) for _ in range(2))
    assert one == same
