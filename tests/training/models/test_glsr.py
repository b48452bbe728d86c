"""The slope of the expected notes: exact, learnable, and what the loss takes it for."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from training.models import glsr
from training.models.glsr_vae import GlsrVAE, GlsrVAEConfig

SMALL = GlsrVAEConfig(
    vocabulary=9, hold=7, rest=8, steps=8, z=4, embedding=5, hidden=16, dropout=0.0
)


@pytest.fixture
def model() -> GlsrVAE:
    """Weights large enough to make G rise and fall."""
    torch.manual_seed(0)
    model = GlsrVAE(SMALL)
    with torch.no_grad():
        for weight in model.decoder.parameters():
            weight.mul_(5)
    return model


def expected(model: GlsrVAE, z: Tensor) -> Tensor:
    return model.expected(model.decoder.logits(z))


def test_expected_notes_by_hand() -> None:
    shares = torch.tensor([[[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]])  # a note, hold, rest
    assert glsr.expected_notes(shares.log(), (1, 2)).item() == pytest.approx(0.6)


def test_expected_notes_are_those_of_sampled_windows(model: GlsrVAE) -> None:
    z = torch.randn(3, 4)
    noise = torch.distributions.Gumbel(0.0, 1.0).sample((4000, 1, 8, 9))
    with torch.no_grad():
        logits = model.decoder.logits(z)
        drawn = (logits + noise).argmax(-1)  # [4000, 3, T]
    counts = ((drawn != 7) & (drawn != 8)).sum(-1).double()
    error = counts.std(0) / math.sqrt(len(counts))
    assert ((counts.mean(0) - expected(model, z)).abs() < 3 * error).all()


def test_the_slope_is_that_of_finite_differences(model: GlsrVAE) -> None:
    model = model.double()
    z = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    step = torch.tensor([1e-4, 0, 0, 0], dtype=torch.float64)
    measured = (expected(model, z + step) - expected(model, z - step)) / 2e-4
    found = glsr.slope(expected(model, z), z)
    assert found.std() > 0.1
    torch.testing.assert_close(found, measured, atol=1e-6, rtol=1e-6)


def test_the_slope_in_single_precision(model: GlsrVAE) -> None:
    z = torch.randn(6, 4, requires_grad=True)
    step = torch.tensor([1e-2, 0, 0, 0])
    measured = (expected(model, z + step) - expected(model, z - step)) / 2e-2
    torch.testing.assert_close(glsr.slope(expected(model, z), z), measured, atol=1e-3, rtol=0)


def test_the_second_derivative_is_that_of_finite_differences(model: GlsrVAE) -> None:
    """What descends R_geo: the slope's own gradient, by the weights."""
    model = model.double()
    z = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    weight = model.decoder.rnn.get_parameter("weight_ih_l0")

    def steepness() -> Tensor:
        return glsr.slope(expected(model, z), z).sum()

    (found,) = torch.autograd.grad(steepness(), weight)
    with torch.no_grad():
        weight[3, 0] += 1e-5
    above = steepness().item()
    with torch.no_grad():
        weight[3, 0] -= 2e-5
    below = steepness().item()
    assert found[3, 0].item() == pytest.approx((above - below) / 2e-5, rel=1e-4)


def test_log_density_is_the_normal_one() -> None:
    slope = torch.tensor([1.5, 2.0, 2.3])
    normal = torch.distributions.Normal(2.0, 0.1)
    torch.testing.assert_close(glsr.log_density(slope, 2.0, 0.1), normal.log_prob(slope))
    by_hand = -0.5 * 25 - math.log(0.1) - 0.5 * math.log(2 * math.pi)
    assert glsr.log_density(slope, 2.0, 0.1)[0].item() == pytest.approx(by_hand)


def test_the_regularisation_reaches_encoder_and_decoder(model: GlsrVAE) -> None:
    out = model(torch.randint(0, 9, (5, 8)), steered=5)
    glsr.log_density(out.slope, 2.0, 0.1).mean().backward()
    for part in (model.encoder.embed.weight, model.encoder.mu.weight, model.decoder.out.weight):
        assert part.grad is not None
        assert part.grad.abs().sum() > 0
    assert model.decoder.rnn.get_parameter("weight_ih_l0").grad[:, 0].abs().sum() > 0


def test_a_part_of_the_batch_gives_its_own_slopes(model: GlsrVAE) -> None:
    tokens = torch.randint(0, 9, (5, 8))
    passes = []
    for steered in (5, 2, 0):
        torch.manual_seed(1)
        passes.append(model(tokens, steered))
    every, two, none = passes
    torch.testing.assert_close(two.slope, every.slope[:2])
    assert len(none.slope) == 0
    for out in (two, none):
        torch.testing.assert_close(out.logits, every.logits)
        assert torch.equal(out.z, every.z)
