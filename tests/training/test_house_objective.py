from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch.nn import functional as F

from presets.attributes import measure, onsets_of
from presets.encoding import Encoding
from training import coherence
from training.config import HouseRun, HouseWeights
from training.dataset import Dataset
from training.models import ar_vae, house_objective
from training.models.house import Heads, HouseSwap, HouseVAE, HouseVAEConfig
from training.models.house_objective import Objective
from training.models.normal_scores import NormalScores
from training.objective import Batch

RUN = HouseRun(epochs=10, sharp=1.0, model=HouseVAEConfig(z=6, width=24, blocks=1))
SURE = 60.0  # a logit that leaves no doubt


@pytest.fixture
def encoding(data: Dataset) -> Encoding:
    return data.encoding


@pytest.fixture
def objective(data: Dataset) -> Objective:
    tokens = data.splits["train"].tokens
    return house_objective.objective(
        RUN, data.encoding, measure(tokens, data.encoding, RUN.attributes)
    )


@pytest.fixture
def batch(data: Dataset) -> Batch:
    """Eight windows of four notes, their attributes."""
    tokens = data.splits["train"].tokens[:: len(data.splits["train"]) // 8][:8]
    values = measure(tokens, data.encoding, RUN.attributes)
    return Batch(torch.tensor(tokens), torch.tensor(values, dtype=torch.float32), 0.0, 5.0)


def said(tokens: torch.Tensor, hold: int = 30) -> Heads:
    """Heads that leave no doubt about tokens [B, T]."""
    pitch = SURE * F.one_hot(tokens.clamp(max=hold - 1), hold).float()
    struck, silent = (SURE * (2 * t.float() - 1) for t in (tokens < hold, tokens > hold))
    return Heads(struck, silent, pitch)


def test_the_reconstruction_is_the_tokens_chance_head_by_head() -> None:
    torch.manual_seed(0)
    heads = Heads(torch.randn(2, 4), torch.randn(2, 4), torch.randn(2, 4, 6))
    tokens = torch.tensor([[0, 6, 7, 5], [6, 6, 3, 7]])
    nats = 0.0
    for b, t in np.ndindex(2, 4):
        struck, silent = (torch.sigmoid(h[b, t]).item() for h in heads[:2])
        token = int(tokens[b, t])
        pitch = heads.pitch[b, t].softmax(0)
        chance = {6: (1 - struck) * (1 - silent), 7: (1 - struck) * silent}
        nats -= math.log(chance[token] if token >= 6 else struck * pitch[token].item())
    found = house_objective.unlikelihood(heads, tokens, hold=6)
    assert found.item() == pytest.approx(nats / 8, rel=1e-5)


def test_a_dimension_below_its_free_bits_costs_no_less() -> None:
    mu = torch.tensor([[2.0, 0.0, 0.1], [0.0, 0.0, 0.1]])  # KL: 1 (mean of 2 and 0), 0, .005
    found = house_objective.free_bits(mu, torch.zeros_like(mu), free=0.25)
    assert found.item() == pytest.approx(1 + 0.25 + 0.25)
    assert house_objective.free_bits(mu, torch.zeros_like(mu), 0.0).item() == pytest.approx(1.005)


def test_keys_are_those_that_coherence_finds(encoding: Encoding, batch: Batch) -> None:
    found = house_objective.keys_of(batch.tokens, 30, 55).numpy()
    classes = onsets_of(batch.tokens.numpy(), encoding).pitch.astype(int) % 12
    for row, keys in enumerate(found):
        struck = batch.tokens[row].numpy() < 30
        fit = coherence.KEYS[:, classes[row][struck]].sum(1)
        assert np.array_equal(keys, fit == fit.max())


def test_nothing_is_asked_of_windows_that_got_what_they_should(
    objective: Objective, batch: Batch
) -> None:
    own, best = batch.attributes, []
    for row in batch.tokens:
        classes = np.unique(row[row < 30].numpy() + 55, return_counts=True)
        best.append((coherence.KEYS[:, classes[0] % 12] @ classes[1]).max())
    inside = sum(best) / float((batch.tokens < 30).sum())  # four notes in every window
    for dimension in range(4):
        swap = HouseSwap(torch.full((8,), dimension), torch.zeros(8), own[:, dimension])
        terms = objective.swapped(said(batch.tokens), batch, swap)
        assert [terms[n].item() for n in ("swap", "stay", "undecided")] == pytest.approx(
            [0, 0, 0], abs=1e-3
        )
        assert terms["key"].item() == pytest.approx(1 - inside)


def test_a_swap_that_fails_is_told_in_standard_deviations(
    objective: Objective, batch: Batch
) -> None:
    turned = RUN.attributes.index("density")
    own = batch.attributes.clone()
    own[::2, turned] += 2 / 24  # as if half of them had two notes more
    batch = batch._replace(attributes=own)
    swap = HouseSwap(torch.full((8,), turned), torch.zeros(8), own[:, turned].roll(1))
    terms = objective.swapped(said(batch.tokens), batch, swap)  # nothing has moved
    assert terms["swap"].item() == pytest.approx(1 / 24 / objective.spread[turned].item(), rel=1e-4)
    assert terms["stay"].item() == pytest.approx(0, abs=1e-3)
    other = said(batch.tokens.roll(1, 0))  # all has moved
    moved = (own - own.roll(1, 0)).abs() / objective.spread
    terms = objective.swapped(other, batch, swap)
    strayed = (moved * objective.stays[turned]).sum(1).mean()
    assert terms["stay"].item() == pytest.approx(strayed.item(), rel=1e-3)
    assert terms["key"].item() > 0


def test_what_stays_goes_no_further_than_it_must(objective: Objective) -> None:
    names = RUN.attributes
    wide, rise, notes = (names.index(n) for n in ("range", "contour", "density"))
    own = torch.zeros(5, 4)
    own[:, wide], own[:, rise] = 0.3, -0.2
    dimension = torch.tensor([rise, rise, wide, wide, notes])
    found = objective.wanted(own, torch.tensor([0.5, -0.1, 0.1, 0.9, 0.25]), dimension)
    assert found[:, wide].tolist() == pytest.approx([0.5, 0.3, 0.1, 0.9, 0.3])
    assert found[:, rise].tolist() == pytest.approx([0.5, -0.1, -0.1, -0.2, -0.2])
    assert found[:, notes].tolist() == [0, 0, 0, 0, 0.25]


@pytest.mark.parametrize("logit", [0.3, 40.0])
def test_decided_chances_are_what_is_heard_with_the_gradient_of_what_is_likely(
    objective: Objective, logit: float
) -> None:
    decided = dataclasses.replace(objective, config=replace(RUN, decided=True))
    tokens = torch.tensor([[5, *[30] * 11, 9, *[31] * 11]])
    heads = Heads(*(logit * part / SURE for part in said(tokens)))
    struck = heads.struck.requires_grad_()
    chances = decided.chances(Heads(struck, heads.silent, heads.pitch))
    assert chances.struck.tolist() == (tokens < 30).float().tolist()
    assert chances.pitch[0, [0, 12]].argmax(1).tolist() == [5, 9]
    chances.struck.sum().backward()
    likely = torch.sigmoid(struck.detach())
    torch.testing.assert_close(struck.grad, likely * (1 - likely))


def test_a_swap_is_to_another_windows_value_or_to_any_that_may_be_asked_for(
    data: Dataset, objective: Objective, batch: Batch
) -> None:
    torch.manual_seed(0)
    many = batch.attributes.repeat(500, 1)
    for share, config in (
        (0.0, replace(RUN, stretched=0.0, blur=0.0)),
        (1.0, replace(RUN, stretched=1.0)),
    ):
        found = dataclasses.replace(objective, config=config).drawn(many)
        for k, (score, lattice) in enumerate(
            zip(objective.scores, objective.lattices, strict=True)
        ):
            here = found.dimension == k
            among = lattice if share else batch.attributes[:, k].unique()
            assert torch.isin(found.value[here].round(decimals=4), among.round(decimals=4)).all()
            away = found.place[here] - score(found.value[here])
            assert away.std().item() == pytest.approx(config.blur, abs=0.02)


def test_values_lie_on_the_grain_and_past_the_styles_ends(encoding: Encoding) -> None:
    notes = house_objective.lattice("density", np.array([0, 5 / 24, 10 / 24]), encoding)
    assert (notes * 24).tolist() == pytest.approx(list(range(1, 17)))
    bent = house_objective.lattice("contour", np.array([-5 / 26, 10 / 26]), encoding)
    assert (bent * 26).tolist() == pytest.approx(list(range(-8, 17)))


def test_what_is_tied_may_move_along(data: Dataset) -> None:
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=(2, 500))
    run = HouseRun(attributes=("rhythm", "range", "density"))
    found = house_objective.objective(run, data.encoding, np.stack([a, b, a + 0.3 * b], 1))
    assert found.stays.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]


def test_order_and_anchor(objective: Objective, batch: Batch) -> None:
    z = torch.stack([s(a) for s, a in zip(objective.scores, batch.attributes.T, strict=True)], 1)
    assert objective.strayed(z, batch.attributes).item() == pytest.approx(0, abs=1e-9)
    assert objective.strayed(z + 0.5, batch.attributes).item() == pytest.approx(4 * 0.25)
    alone = [ar_vae.regularisation(z[:, k], batch.attributes[:, k], RUN.delta) for k in range(4)]
    found = objective.disorder(z, batch.attributes)
    assert found.item() == pytest.approx(sum(a.item() for a in alone))


def test_the_swap_comes_in_slowly_and_can_be_left_out(objective: Objective, batch: Batch) -> None:
    model = HouseVAE(replace(RUN.model, adding=2)).eval()
    totals: list[float] = []
    for epoch in (0.0, 1.0, 2.0, 9.0):
        torch.manual_seed(0)
        found = objective.losses(model, batch._replace(epoch=epoch))
        totals.append(found.total.item())
    weights = RUN.weights
    ramped = sum(getattr(weights, n) * found.terms[n].item() for n in HouseWeights.RAMPED)
    assert totals[1] - totals[0] == pytest.approx(ramped / 2, rel=1e-3)
    assert totals[2] - totals[0] == pytest.approx(ramped, rel=1e-3)
    assert totals[3] == totals[2]
    without = dataclasses.replace(objective, config=replace(RUN, weights=HouseWeights(swap=0.0)))
    assert set(without.losses(model, batch).terms) == {
        "reconstruction",
        "kl",
        "regularisation",
        "anchor",
    }


def test_a_single_attribute_has_a_table_too(encoding: Encoding) -> None:
    run = HouseRun(attributes=("contour",))
    found = house_objective.objective(run, encoding, np.random.default_rng(0).normal(size=(50, 1)))
    assert isinstance(found.scores[0], NormalScores)
    assert found.stays.tolist() == [[0]]
