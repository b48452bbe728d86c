"""Two moons, learnt for a tenth of the time, and decoders that can be worked by hand."""

from __future__ import annotations

import pytest
import torch

from training.geodesics import measure, moons
from training.geodesics.measure import Bench
from training.geodesics.moons import Trained


@pytest.fixture(scope="session")
def trained() -> Trained:
    return moons.train(0, steps=300)


@pytest.fixture
def made(trained: Trained) -> Bench:
    torch.manual_seed(0)
    return measure.bench(trained, 0, count=12, gaps=6, draws=2000)
