from __future__ import annotations

import math

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

from training.config import MelodyRun, MelodyWeights
from training.models.latent_model import Pass
from training.models.melody_objective import Objective
from training.models.melody_vae import MelodyVAE, MelodyVAEConfig
from training.objective import Batch

SMALL = MelodyVAEConfig(
    vocabulary=9, bars=2, steps=4, z=3, embedding=5, encoder=8, hidden=8, layers=1, bar=4
)
RUN = MelodyRun(epochs=10, model=SMALL)


@pytest.fixture
def model() -> MelodyVAE:
    torch.manual_seed(0)
    return MelodyVAE(SMALL)


def batch(epoch: float = 0.0) -> Batch:
    tokens = torch.randint(0, 9, (6, 8), generator=torch.Generator().manual_seed(1))
    return Batch(tokens, torch.zeros(6, 0), 0.5, epoch)


def even(mu: Tensor, sigma: float = 1.0) -> Pass:
    """Every token is as likely as any other."""
    log_sigma = torch.full_like(mu, math.log(sigma))
    return Pass(torch.zeros(len(mu), 8, 9), mu, mu, log_sigma)


def test_the_terms_are_nats_a_window() -> None:
    mu = torch.tensor([[0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    terms = Objective(RUN).terms(even(mu), batch().tokens[:2])
    assert terms["reconstruction"].item() == pytest.approx(8 * math.log(9))
    assert terms["kl"].item() == pytest.approx(2.0 / 2)  # μ²/2 of one window in two


def test_a_dimension_may_say_a_little_for_nothing() -> None:
    mu = torch.tensor([[0.0, 0.1, 2.0]])
    free = Objective(replace(RUN, free_bits=0.25)).terms(even(mu), batch().tokens[:1])
    assert free["kl"].item() == pytest.approx(0.25 + 0.25 + 2.0)


def test_kl_comes_in_over_the_first_epochs() -> None:
    slow = Objective(replace(RUN, ramp=0.4, weights=MelodyWeights(kl=0.5)))
    assert [slow.weight(epoch) for epoch in (0, 1, 2, 4, 9)] == [0, 0.125, 0.25, 0.5, 0.5]
    assert Objective(RUN).weight(0) == RUN.weights.kl


def test_what_is_descended_is_the_weighted_sum(model: MelodyVAE) -> None:
    found = Objective(replace(RUN, weights=MelodyWeights(2.0, 0.3))).losses(model, batch())
    expected = 2 * found.terms["reconstruction"] + 0.3 * found.terms["kl"]
    torch.testing.assert_close(found.total, expected)
    assert found.total.requires_grad


def test_unseen_windows_are_watched_by_the_same_draws(
    model: MelodyVAE, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.models.melody_objective.BLOCK", 4)
    objective, tokens = Objective(RUN), batch().tokens
    model.eval()
    first = objective.watched(model, tokens)
    assert set(first) == {"unseen reconstruction", "unseen kl"}
    assert objective.watched(model, tokens) == first
    mu, log_sigma = model.encode(tokens)
    kl = 0.5 * (mu**2 + (2 * log_sigma).exp() - 1 - 2 * log_sigma).sum(1).mean()
    assert first["unseen kl"] == pytest.approx(kl.item(), rel=1e-5)


def test_the_weights_that_reconstruct_best_are_kept_to_the_last_epoch() -> None:
    objective = Objective(RUN)
    assert objective.score({"accuracy": 0.7, "epoch": 3.0}) == 0.7
    assert not objective.finished([{"accuracy": 0.7}] * 9)
