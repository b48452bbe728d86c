from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import Tensor
from torch.nn import functional as F

from presets.encoding import Encoding
from training.config import GlsrRun, Weights
from training.data.phrases import GRID
from training.data.spelling import vocabulary
from training.models.glsr_objective import Objective, objective
from training.models.glsr_vae import GlsrPass, GlsrVAE, GlsrVAEConfig
from training.objective import Batch

SMALL = GlsrVAEConfig(
    vocabulary=9, hold=7, rest=8, steps=8, z=4, embedding=5, hidden=16, dropout=0.0
)
RUN = GlsrRun(model=SMALL, anneal=10.0)


def of(run: GlsrRun) -> Objective:
    return Objective(run, slope=2.0, deviation=0.1)


def batch(tokens: Tensor, epoch: float) -> Batch:
    return Batch(tokens, torch.zeros(len(tokens), 1), coin=0.0, epoch=epoch)


@pytest.fixture
def model() -> GlsrVAE:
    torch.manual_seed(0)
    return GlsrVAE(SMALL)


def test_two_windows_by_hand() -> None:
    tokens = torch.tensor([[0, 7], [1, 7]])
    logits = F.one_hot(tokens, 9).float() * math.log(8)  # p(true) = 8 / 16
    mu, log_sigma = torch.zeros(2, 4), torch.zeros(2, 4)
    mu[0, 0] = 1.0  # KL of the first window: ½
    out = GlsrPass(logits, mu, mu, log_sigma, torch.tensor([2.0, 2.1]))
    terms = of(RUN).terms(out, tokens)
    assert terms["reconstruction"].item() == pytest.approx(2 * math.log(2))  # two steps a window
    assert terms["kl"].item() == pytest.approx(0.25)
    peak = -math.log(0.1) - 0.5 * math.log(2 * math.pi)
    assert terms["regularisation"].item() == pytest.approx(-(peak + peak - 0.5) / 2, rel=1e-5)
    total = of(RUN).total(terms, 0.5).item()
    wanted = 2 * math.log(2) + 0.5 * (0.25 - (peak + peak - 0.5) / 2)
    assert total == pytest.approx(wanted, rel=1e-5)


def test_both_terms_are_annealed_and_reconstruction_is_not(model: GlsrVAE) -> None:
    tokens = torch.randint(0, 9, (6, 8))
    found = []
    for epoch in (0.0, 5.0, 10.0, 30.0):
        torch.manual_seed(1)
        found.append(of(RUN).losses(model, batch(tokens, epoch)))
    terms = found[0].terms
    taxed = terms["kl"] + terms["regularisation"]
    for losses, beta in zip(found, (0.0, 0.5, 1.0, 1.0), strict=True):
        assert losses.terms["beta"].item() == beta
        torch.testing.assert_close(losses.total, terms["reconstruction"] + beta * taxed)


def test_no_annealing_is_beta_1_from_the_start() -> None:
    assert of(replace(RUN, anneal=0.0)).beta(0.0) == 1


def test_without_the_regularisation_it_is_a_plain_vae(model: GlsrVAE) -> None:
    plain = of(replace(RUN, weights=Weights(kl=1.0, regularisation=0.0)))
    losses = plain.losses(model, batch(torch.randint(0, 9, (6, 8)), 20.0))
    assert set(losses.terms) == {"reconstruction", "kl", "beta"}
    torch.testing.assert_close(losses.total, losses.terms["reconstruction"] + losses.terms["kl"])


def test_a_part_of_the_batch_can_be_regularised(model: GlsrVAE) -> None:
    tokens = torch.randint(0, 9, (6, 8))
    slopes = []
    for steered in (6, 2):
        torch.manual_seed(1)
        slopes.append(model(tokens, steered).slope)
    torch.manual_seed(1)
    terms = of(replace(RUN, steered=2)).losses(model, batch(tokens, 0.0)).terms
    assert terms["slope"].item() == pytest.approx(slopes[0][:2].mean().item())


def test_descending_it_brings_the_slope_to_its_mean(model: GlsrVAE) -> None:
    """Sixty steps on random windows: enough to bend G, far from enough to learn any music."""
    tokens = torch.randint(0, 9, (32, 8))
    ours = Objective(replace(RUN, anneal=0.0), slope=1.0, deviation=0.1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    slopes = []
    for _ in range(60):
        losses = ours.losses(model, batch(tokens, 0.0))
        optimizer.zero_grad()
        losses.total.backward()
        optimizer.step()
        slopes.append(losses.terms["slope"].item())
    assert abs(slopes[0]) < 0.1
    assert np.mean(slopes[-10:]) == pytest.approx(1.0, abs=0.15)


def test_the_unseen_loss_is_at_beta_1_by_the_same_draws_and_blocks_do_not_show(
    model: GlsrVAE, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = torch.randint(0, 9, (12, 8))
    model.eval()
    figures = of(RUN).watched(model, tokens)
    torch.manual_seed(99)
    assert of(RUN).watched(model, tokens) == figures
    total = sum(figures[f"unseen {n}"] for n in ("reconstruction", "kl", "regularisation"))
    assert figures["unseen loss"] == pytest.approx(total, rel=1e-5)
    assert of(RUN).score(figures) == -figures["unseen loss"]
    torch.manual_seed(0)
    terms = of(RUN).terms(model(tokens, 12), tokens)
    assert figures["unseen reconstruction"] == pytest.approx(terms["reconstruction"].item())
    monkeypatch.setattr("training.models.glsr_objective.BLOCK", 5)
    smaller = of(RUN).watched(model, tokens)  # other draws, the same mean of what is not drawn
    assert smaller["unseen kl"] == pytest.approx(figures["unseen kl"], rel=1e-5)


def test_it_stops_when_the_bound_no_longer_improves_after_the_annealing() -> None:
    patient = of(replace(RUN, anneal=2.5, patience=3))
    rows = [{"unseen loss": loss} for loss in (9.0, 5.0, 7.0, 6.0, 6.0, 6.0)]
    stops = [patient.finished(rows[:done]) for done in range(7)]
    assert stops == [False] * 6 + [True]  # β reaches 1 within the third epoch
    better = [*rows[:5], {"unseen loss": 4.0}, *rows[:2]]
    assert not patient.finished(better)
    assert not of(replace(RUN, patience=0)).finished(rows * 10)


def test_the_slope_may_be_the_datas_spread_and_sigma_a_variance() -> None:
    encoding = Encoding(GRID, vocabulary({}, 60, 81))
    density = np.array([[4.0], [8.0], [6.0]]) / 32
    found = objective(replace(RUN, slope="data", sigma_is="variance"), encoding, density)
    assert found.slope == pytest.approx(np.std([4, 8, 6]))
    assert found.deviation == pytest.approx(math.sqrt(0.1))
    fixed = objective(RUN, encoding, density)
    assert (fixed.slope, fixed.deviation) == (2.0, 0.1)


def test_annealing_may_begin_slowly_and_still_ends_at_1() -> None:
    slow = of(replace(RUN, anneal=4.0, anneal_power=3.0))
    assert [slow.beta(epoch) for epoch in (0.0, 2.0, 4.0, 9.0)] == [0, 0.125, 1, 1]
