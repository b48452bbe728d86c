"""The small run, as figures take it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.evaluation import evaluate
from training.figures.measured import Measured


@pytest.fixture(scope="session")
def bare(trained: Trained, data: Dataset) -> Measured:
    """Not evaluated yet."""
    return Measured("quick", trained, data)


@pytest.fixture(scope="session")
def measured(bare: Measured) -> Measured:
    card = evaluate.evaluate(bare.trained, bare.data, sample=4)
    return replace(bare, trained=replace(bare.trained, card=card))
