from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch.nn import functional as F

from presets.attributes import measure, metrical_weights, onsets_of
from presets.encoding import Encoding
from training import methods
from training.config import HouseRun, HouseWeights
from training.data.bars import BACH
from training.data.dataset import Dataset
from training.evaluation import coherence
from training.models import house_objective
from training.models.house import Heads, HouseSwap, HouseVAEConfig
from training.models.house_objective import Objective
from training.objective import Batch

RUN = HouseRun(epochs=10, sharp=1.0, model=HouseVAEConfig(z=6, width=24, blocks=1))
FOUR = torch.full((8,), 4)  # notes
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
        swap = HouseSwap(torch.full((8,), dimension), own[:, dimension])
        terms = objective.swapped(said(batch.tokens), FOUR, batch, swap)
        assert [terms[n].item() for n in ("swap", "stay", "undecided")] == pytest.approx(
            [0, 0, 0], abs=1e-3
        )
        assert terms["key"].item() == pytest.approx(1 - inside)


def test_a_swap_that_fails_is_told_in_standard_deviations(
    objective: Objective, batch: Batch
) -> None:
    turned, own = RUN.attributes.index("range"), batch.attributes
    value = own[:, turned].clone()
    value[::2] += 2 / 26  # half of them should be two semitones wider
    swap = HouseSwap(torch.full((8,), turned), value)
    terms = objective.swapped(said(batch.tokens), FOUR, batch, swap)  # nothing has moved
    assert terms["swap"].item() == pytest.approx(1 / 26 / objective.spread[turned].item(), rel=1e-4)
    assert terms["stay"].item() == pytest.approx(0, abs=1e-3)
    other = said(batch.tokens.roll(1, 0))  # all has moved
    moved = (own - own.roll(1, 0)).abs() / objective.spread
    terms = objective.swapped(other, FOUR, batch, swap)
    strayed = (moved * objective.stays[turned]).sum(1).mean()
    assert terms["stay"].item() == pytest.approx(strayed.item(), rel=1e-3)
    assert terms["key"].item() > 0


def test_what_is_wanted_is_what_so_many_notes_can_do(objective: Objective) -> None:
    names = RUN.attributes
    wide, rise, notes, odd = (names.index(n) for n in ("range", "contour", "density", "rhythm"))
    own = torch.zeros(6, 4)
    own[:, wide], own[:, rise], own[:, notes] = 8 / 26, -5 / 26, 4 / 24
    dimension = torch.tensor([rise, rise, wide, notes, odd, odd])
    value = torch.tensor([12 / 26, -2 / 26, 3 / 26, 1 / 24, 0.9, 0.0])
    asked = torch.tensor([4, 4, 4, 1, 4, 4])
    found = objective.wanted(own, asked, HouseSwap(dimension, value))
    assert (26 * found[:, wide]).tolist() == pytest.approx([10, 8, 4, 0, 8, 8])
    assert (26 * found[:, rise]).tolist() == pytest.approx([10, -2, -4, 0, -5, -5])
    assert (24 * found[:, notes]).tolist() == pytest.approx([4, 4, 4, 1, 4, 4])
    weights = np.sort(metrical_weights(BACH.grid))
    ends = weights[-4:].sum() / weights.sum(), weights[:4].sum() / weights.sum()
    assert found[4:, odd].tolist() == pytest.approx(ends)


def test_chances_are_of_as_many_notes_as_are_wanted(objective: Objective) -> None:
    torch.manual_seed(0)
    heads = Heads(*(torch.randn(8, 24, *size) for size in ((), (), (30,))))
    sharper = dataclasses.replace(objective, config=replace(RUN, sharp=3.0))
    for judge in (objective, sharper):
        chances = judge.chances(heads, torch.arange(1, 9))
        assert chances.notes.tolist() == pytest.approx(list(range(1, 9)), abs=0.01)


def test_a_swap_is_to_another_windows_value_or_to_any_that_may_be_asked_for(
    data: Dataset, objective: Objective, batch: Batch
) -> None:
    torch.manual_seed(0)
    many = batch.attributes.repeat(500, 1)
    for share in (0.0, 1.0):
        config = replace(RUN, stretched=share)
        found = dataclasses.replace(objective, config=config).drawn(many)
        for k, lattice in enumerate(objective.lattices):
            among = lattice if share else batch.attributes[:, k].unique()
            drawn = found.value[found.dimension == k]
            assert torch.isin(drawn.round(decimals=4), among.round(decimals=4)).all()
            assert len(drawn.unique()) == len(among)


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


def test_the_swap_comes_in_slowly_and_can_be_left_out(
    data: Dataset, objective: Objective, batch: Batch
) -> None:
    torch.manual_seed(0)
    model = methods.build(RUN, data.encoding, data.splits["train"].tokens).eval()
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
    assert set(without.losses(model, batch).terms) == {"reconstruction", "kl"}
