"""Closed forms against what is drawn from the same chances, and against decided windows."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from presets.attributes import measure, metrical_weights, onsets_of
from presets.encoding import Encoding, Grid, Tokens, Vocabulary
from training.evaluation import coherence
from training.models import expected
from training.models.expected import EXPECTED, Chances

POSITIONS = tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4"))
ENCODING = Encoding(Grid(POSITIONS), Vocabulary.midi(55, 84))
HOLD, REST = ENCODING.vocabulary.hold, ENCODING.vocabulary.rest
NAMES = tuple(EXPECTED)
DRAWN = 20_000
WEIGHT = torch.tensor(metrical_weights(ENCODING.grid))

windows = arrays.arrays(np.int64, (3, 24), elements=st.sampled_from([*range(32), *[HOLD] * 40]))


def decided(tokens: Tokens) -> Chances:
    found = torch.as_tensor(tokens)
    pitch = torch.nn.functional.one_hot(found.clamp(max=29), 30).double()
    return Chances((found < HOLD).double(), pitch, WEIGHT, 55)


def undecided(seed: int, likely: float) -> Chances:
    """One window's chances, some steps more likely struck than others."""
    torch.manual_seed(seed)
    struck = torch.sigmoid(2 * torch.randn(1, 24) + math.log(likely / (1 - likely))).double()
    return Chances(struck, (3 * torch.randn(1, 24, 30)).softmax(2).double(), WEIGHT, 55)


def drawn(of: Chances) -> Tokens:
    struck = torch.rand(DRAWN, 24) < of.struck
    pitch = torch.multinomial(of.pitch[0], DRAWN, replacement=True).T
    return torch.where(struck, pitch, HOLD).numpy()


@settings(max_examples=60)
@given(windows)
def test_what_is_decided_is_the_attribute_itself(tokens: Tokens) -> None:
    sounding = (tokens < HOLD).any(1)
    found = expected.expected(decided(tokens), NAMES).numpy()
    asked = measure(tokens, ENCODING, NAMES)
    rows = sounding | (np.array(NAMES) != "register")[:, None]  # of nothing: `low`, and 0
    assert found == pytest.approx(np.where(rows.T, asked, found), abs=2e-4)


@pytest.mark.parametrize("likely", [0.05, 0.2, 0.6])
@pytest.mark.parametrize("name", ["rhythm", "range", "density", "contour"])
def test_the_papers_attributes_are_exact_expectations(name: str, likely: float) -> None:
    chances = undecided(1, likely)
    values = measure(drawn(chances), ENCODING, [name])[:, 0]
    error = values.std() / math.sqrt(DRAWN)
    assert float(EXPECTED[name](chances)) == pytest.approx(values.mean(), abs=4 * error)


@pytest.mark.parametrize("likely", [0.05, 0.2, 0.6])
def test_quotients_are_those_of_sums(likely: float) -> None:
    chances = undecided(2, likely)
    tokens = drawn(chances)
    found = onsets_of(tokens, ENCODING)
    count = found.count.sum()
    mean = (found.struck * found.pitch).sum() / count
    assert float(expected.register(chances)) == pytest.approx(mean, abs=0.1)
    weight = (found.struck @ found.weight).sum() / count
    assert float(expected.syncopation(chances)) == pytest.approx(weight, abs=0.02)
    moves = [np.diff(p[s]) for p, s in zip(found.pitch, found.struck, strict=True)]
    size = np.abs(np.concatenate(moves))
    share = ((size > 0) & (size <= 2)).sum() / (size > 0).sum()
    assert float(expected.steps(chances)) == pytest.approx(share, abs=0.02)
    keys = torch.zeros(1, 24, dtype=torch.bool)
    keys[0, 7] = True
    inside = coherence.KEYS[7][found.pitch.astype(int) % 12][found.struck].mean()
    assert float(expected.in_key(chances, keys)) == pytest.approx(inside, abs=0.02)


def test_the_best_of_the_keys_counts() -> None:
    scale = [0, 2, 4, 5, 7, 9, 11]  # C major from C4
    tokens = np.full((1, 24), HOLD)
    tokens[0, :7] = np.array(scale) + 5
    keys = torch.zeros(2, 24, dtype=torch.bool)
    keys[0, [0, 1]] = keys[1, 1] = True
    chances = decided(np.repeat(tokens, 2, axis=0))
    assert expected.in_key(chances, keys).tolist() == pytest.approx([1.0, 2 / 7])


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_is_finite_where_all_is_decided(name: str) -> None:
    tokens = np.array([[5, *[HOLD] * 23], [HOLD] * 24, [5, 6, *[HOLD] * 20, 9, REST]])
    chances = decided(tokens)
    struck = chances.struck.requires_grad_()
    pitch = chances.pitch.requires_grad_()
    EXPECTED[name](chances).sum().backward()
    assert struck.grad is not None
    assert torch.isfinite(struck.grad).all()
    assert pitch.grad is None or bool(torch.isfinite(pitch.grad).all())
