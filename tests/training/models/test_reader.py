from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from presets.attributes import measure, metrical_weights
from training.data.bars import BACH
from training.models.reader import FINE, Reader

NAMES = ("rhythm", "range", "density", "contour")
WEIGHTS = tuple(metrical_weights(BACH.grid).tolist())
BARS = arrays(np.int64, (24,), elements=st.integers(0, 31))


@given(BARS)
def test_attributes_are_read_off_as_they_are_measured(bar: np.ndarray) -> None:
    reader = Reader(NAMES, WEIGHTS, 30)
    found = reader.read(torch.tensor(bar[None]))
    expected = measure(bar, BACH, NAMES)[0]
    np.testing.assert_allclose([float(found[n]) for n in NAMES], expected, atol=1e-6)


@given(BARS)
def test_a_place_stands_for_what_was_read(bar: np.ndarray) -> None:
    reader = Reader(NAMES, WEIGHTS, 30)
    places = reader(torch.tensor(bar[None]))
    expected = measure(bar, BACH, NAMES)[0]
    for k, name in enumerate(NAMES):
        value = float(reader.style(name).value(places[:, k]))
        assert abs(value - expected[k]) <= (0.5 / FINE if name == "rhythm" else 0) + 1e-6


def test_styles_are_learnt_in_the_order_of_the_names() -> None:
    reader = Reader(("density", "contour"), WEIGHTS, 30)
    reader.learn(np.array([[4 / 24, 0.0], [4 / 24, 2 / 26], [6 / 24, -2 / 26]]))
    density, contour = reader.style("density").places, reader.style("contour").places
    assert density[4] < density[6]
    assert abs(float(contour[29])) < 1e-6  # no rise is the middle of three
