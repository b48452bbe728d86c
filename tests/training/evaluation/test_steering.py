"""Figures of a model whose every answer is known, by hand, and of a small real one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from presets.encoding import Encoding, Vocabulary
from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.data.phrases import GRID
from training.evaluation import evaluate, report, steering, surface, variations
from training.evaluation.surface import Direction
from training.models import glsr
from training.models.glsr_vae import GlsrVAE
from training.models.latent_model import LatentModel

WORDS = Vocabulary(("C4", "C#4", "hold", "rest"), (60, 61, None, None), hold=2, rest=3)
ENCODING = Encoding(GRID, WORDS)
STEPS = GRID.steps
SHARP = 4.0


class Sizes(NamedTuple):
    vocabulary: int = 4
    z: int = 3


class Staircase(LatentModel):
    """Step t strikes a note where z_2 is above its threshold; C sharp where z_3 is positive."""

    config = Sizes()

    def __init__(self, thresholds: Tensor, sign: float = 1.0) -> None:
        super().__init__()
        self.thresholds, self.sign = thresholds, sign

    @property
    def noise_shape(self) -> tuple[int, int]:
        return STEPS, 4

    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError

    def decode(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        note = SHARP * (self.sign * z[:, 1:2] - self.thresholds)  # [B, T]
        never, hold = torch.full_like(note, -100.0), torch.zeros_like(note)
        sharp = (z[:, 2:] > 0).expand_as(note)
        natural, raised = torch.where(sharp, never, note), torch.where(sharp, note, never)
        logits = torch.stack([natural, raised, hold, never], 2)
        return (logits + noise).argmax(2), logits


def made(model: LatentModel, regularisation: float = 0.0) -> Trained:
    config = {"method": "glsr-vae", "weights": {"regularisation": regularisation}}
    return Trained(model, config, {}, ENCODING, ("density",), {}, 0, "", {}, [])


EVEN = torch.linspace(-4, 4, STEPS) + 0.01
STAIRS = made(Staircase(EVEN))
CLIFF = made(Staircase(torch.full((STEPS,), 0.01)))


def test_the_slope_is_that_of_the_expected_notes() -> None:
    z = np.random.default_rng(0).standard_normal((7, 3), np.float32)
    found = steering.slopes(STAIRS, z)
    p = 1 / (1 + np.exp(-SHARP * (z[:, 1:2] - EVEN.numpy())))
    assert found[:, 1] == pytest.approx((SHARP * p * (1 - p)).sum(1), rel=1e-4)
    assert not found[:, [0, 2]].any()


def test_the_slope_is_the_one_that_training_holds(glsr_trained: Trained) -> None:
    model = glsr_trained.model
    assert isinstance(model, GlsrVAE)
    z = torch.randn(5, 5, requires_grad=True)
    trained_for = glsr.slope(model.expected(model.decoder.logits(z)), z)
    found = steering.slopes(glsr_trained, z.detach().numpy())
    assert found[:, 0] == pytest.approx(trained_for.detach().numpy(), rel=1e-4)


def test_a_plain_model_is_judged_along_its_steepest_dimension() -> None:
    points = np.random.default_rng(0).standard_normal((50, 3), np.float32)
    up, down = Direction(1), Direction(1, -1)
    assert steering.directions(STAIRS, steering.slopes(STAIRS, points)) == (up, Direction(0))
    falls = made(Staircase(EVEN, -1.0))
    assert steering.directions(falls, steering.slopes(falls, points)) == (down, Direction(0))
    first = np.array([[5.0, 1.0, 1.0]])
    assert steering.directions(STAIRS, first) == (Direction(0),)
    assert steering.directions(made(STAIRS.model, 1.0), -first) == (Direction(0),)


@pytest.mark.parametrize("sign", [1, -1])
def test_what_a_staircase_does(sign: int) -> None:
    trained = made(Staircase(EVEN, float(sign)))
    points = steering.drawn(trained, seed=0)
    found = steering.along(trained, Direction(1, sign), points)
    assert (found["lines rising"], found["monotonicity"]) == (1, 1)
    assert found["jump"] < 0.15
    assert (found["steps not falling"], found["pitches kept"], found["still"]) == (1, 1, 0)
    counts = (variations.PATH[:, None] > EVEN.numpy()).sum(1)
    assert found["onsets kept"] == pytest.approx((counts[:-1] / counts[1:]).mean())
    assert found["beside"]["accidentals"] < 0.1  # z_3 alone decides
    across = steering.along(trained, Direction(2), points)
    assert across["beside"]["accidentals"] > 0.8
    assert (across["lines rising"], across["monotonicity"]) == (0, 0)


def test_two_phases_are_one_jump() -> None:
    g = surface.over(surface.played, surface.decoded(CLIFF.model, Direction(1)), ENCODING)
    assert set(np.unique(g)) == {0, 32}
    assert surface.jump(g) == 1


def test_silent_windows_have_no_pitch_to_follow() -> None:
    windows = np.full((4, STEPS), 2)
    windows[[1, 2, 3], 0] = 0, 0, 1
    found = steering.beside(np.array([9.0, 1, 2, 3]), windows, ENCODING)
    assert found["highest pitch"] == found["accidentals"] == pytest.approx(np.sqrt(3) / 2)
    assert found["mean"] == pytest.approx(np.sqrt(3) / 2)
    assert steering.beside(np.arange(4.0), np.full((4, STEPS), 3), ENCODING)["mean"] == 0


@pytest.fixture
def glsr_trained(glsr: dict[str, Trained]) -> Trained:
    return glsr["regularised"]


def test_a_regularised_run_has_the_slope_that_was_asked_for(
    glsr: dict[str, Trained], lines: Dataset
) -> None:
    cards = {name: steering.described(trained, lines) for name, trained in glsr.items()}
    (own,) = cards["regularised"]["along"].items()
    name, figures = own
    low, high = steering.wanted(2.0)["slope"]
    assert name == "z1"
    assert low < figures["slope of encodings"] < high
    assert set(steering.wanted(2.0)) <= set(figures)
    assert figures["lines rising"] > 0.5
    steepest = next(iter(cards["plain"]["along"].values()))
    assert abs(steepest["slope"]) < figures["slope"] / 2
    assert cards["plain"]["regularised"] is False
    assert cards["plain"]["slope wanted"] == cards["regularised"]["slope wanted"] == 2.0
    assert steering.described(glsr["plain"], lines) == cards["plain"]


def test_the_slope_wanted_may_be_the_musics_own_spread(
    glsr_trained: Trained, lines: Dataset
) -> None:
    config = {**glsr_trained.config, "slope": "data"}
    counts = surface.played(lines.splits["train"].tokens, lines.encoding)
    found = steering.slope_wanted(replace(glsr_trained, config=config), lines)
    assert found == pytest.approx(counts.std())


def test_it_stands_on_the_card_of_this_method_and_is_told(
    glsr: dict[str, Trained], lines: Dataset
) -> None:
    for name, trained in glsr.items():
        card = evaluate.evaluate(trained, lines, sample=4)
        assert card["steering"] == steering.described(trained, lines)
        told = "\n".join(report.lines(card)).split("steering the number of notes")[1]
        assert "asked for: 2 a unit" in told
        assert "1.8 to 2.2" in told
        assert ("of a regularised run" in told) == (name == "plain")
        for way in card["steering"]["along"].values():
            assert f"{way['slope']:.3f}" in told
            assert f"{way['beside']['mean']:.3f}" in told
        json.dumps(card)
