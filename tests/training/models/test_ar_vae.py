from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from training.models import ar_vae
from training.models.measure_vae import Pass


def test_two_windows_by_hand() -> None:
    z, a = torch.tensor([0.0, 0.1]), torch.tensor([3.0, 5.0])
    told = math.tanh(10 * 0.1)  # pairs (1,2) and (2,1) miss by 1 − tanh(δ·.1); the diagonal by 0
    found = ar_vae.regularisation(z, a, delta=10.0)
    assert found.item() == pytest.approx(2 * (1 - told) / 4)


def test_the_wrong_order_costs_and_ties_pull_together() -> None:
    z = torch.tensor([0.0, 0.1])
    wrong = ar_vae.regularisation(z, torch.tensor([5.0, 3.0]), 10.0)
    tied = ar_vae.regularisation(z, torch.tensor([4.0, 4.0]), 10.0)
    assert wrong.item() == pytest.approx(2 * (1 + math.tanh(1.0)) / 4)
    assert tied.item() == pytest.approx(2 * math.tanh(1.0) / 4)


def test_only_the_order_of_the_attribute_matters() -> None:
    torch.manual_seed(0)
    z, a = torch.randn(50), torch.randint(0, 9, (50,)).float()
    before = ar_vae.regularisation(z, a, 10.0)
    torch.testing.assert_close(ar_vae.regularisation(z, a**3 / 7 + 2, 10.0), before)


def sure(z: Tensor, tokens: Tensor) -> Pass:
    logits = torch.nn.functional.one_hot(tokens, 32) * 100.0
    return Pass(logits, z, torch.zeros_like(z), torch.zeros_like(z))


def test_the_three_terms() -> None:
    torch.manual_seed(0)
    z, tokens = torch.randn(6, 8), torch.randint(0, 32, (6, 24))
    attributes = torch.randn(6, 2)
    found = ar_vae.losses(sure(z, tokens), tokens, attributes, 10.0)
    assert list(found) == ["reconstruction", "kl", "regularisation"]
    assert found["reconstruction"].item() == pytest.approx(0, abs=1e-6)
    assert found["kl"].item() == 0  # q is the prior
    both = [ar_vae.regularisation(z[:, k], attributes[:, k], 10.0) for k in (0, 1)]
    torch.testing.assert_close(found["regularisation"], both[0] + both[1])


def test_the_sampled_z_is_regularised_and_not_the_mean() -> None:
    z, tokens = torch.randn(6, 8, requires_grad=True), torch.zeros(6, 24, dtype=torch.int64)
    mu = torch.zeros(6, 8, requires_grad=True)
    out = Pass(torch.zeros(6, 24, 32), z, mu, torch.zeros(6, 8))
    ar_vae.losses(out, tokens, torch.randn(6, 2), 10.0)["regularisation"].backward()
    assert z.grad is not None
    assert z.grad[:, :2].any()
    assert not z.grad[:, 2:].any()
    assert mu.grad is None


def test_divergence_agrees_with_torch() -> None:
    torch.manual_seed(0)
    mu, log_sigma = torch.randn(5, 3), torch.randn(5, 3)
    q = torch.distributions.Normal(mu, log_sigma.exp())
    p = torch.distributions.Normal(torch.zeros(3), torch.ones(3))
    expected = torch.distributions.kl_divergence(q, p).sum(1)
    torch.testing.assert_close(ar_vae.divergence(mu, log_sigma), expected)
