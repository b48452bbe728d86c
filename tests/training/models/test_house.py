from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from presets.attributes import RANGE, measure, metrical_weights
from presets.bar import Meter
from presets.encoding import Encoding, Grid, Vocabulary
from training import latent, methods
from training.config import HouseRun
from training.data.dataset import Dataset
from training.models import obeying
from training.models.house import CHOICES, Heads, HouseSwap, HouseVAE, HouseVAEConfig

NAMES = ("rhythm", "range", "density", "contour")
GRID = Grid((Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)), meter=Meter(2, 4))
WORDS = Vocabulary.midi(60, 65)
WEIGHTS = tuple(metrical_weights(GRID).tolist())
SMALL = HouseVAEConfig(NAMES, WEIGHTS, 6, 6, 7, z=7, width=16, blocks=1, dropout=0.5)
POINTS = st.integers(0, 10_000)
FAR = torch.linspace(-20, 20, 41)  # past all that any place stands for


def small(**changes: object) -> HouseVAE:
    torch.manual_seed(0)
    model = HouseVAE(replace(SMALL, **changes))
    with torch.no_grad():
        model.decoder.times.out.weight.mul_(10)  # clear choices
        model.decoder.line.out.weight.mul_(10)
    return model.eval()


def read(model: HouseVAE, tokens: torch.Tensor) -> dict[str, torch.Tensor]:
    """Notes and semitones [B]."""
    found, span = model.reader.read(tokens), {"range": RANGE, "contour": RANGE, "density": 8}
    return {name: found[name] * span.get(name, 1) for name in NAMES}


def gumbel(*shape: int) -> torch.Tensor:
    return -torch.log(-torch.log(torch.rand(shape).clamp(1e-7, 1 - 1e-7)))


@pytest.fixture
def model() -> HouseVAE:
    return small()


def test_shapes(model: HouseVAE) -> None:
    tokens = torch.randint(0, 8, (3, 8))
    mu, log_sigma = model.encode(tokens)
    assert mu.shape == log_sigma.shape == (3, 7)
    decoded, logits = model.decode(mu, torch.zeros(1, *model.noise_shape))
    assert decoded.shape == (3, 8)
    assert decoded.dtype == torch.int64
    assert logits.shape == (3, 8, 2 + 6)
    assert model.noise_shape == (8, CHOICES + 6)


def test_followed_dimensions_are_read_off_the_tokens(model: HouseVAE) -> None:
    tokens = torch.randint(0, 8, (50, 8))
    mu, log_sigma = model.encode(tokens)
    torch.testing.assert_close(mu[:, :4], model.reader(tokens))
    assert log_sigma[:, :4].exp().flatten().tolist() == pytest.approx([SMALL.blur] * 200)


def test_a_step_without_a_note_is_silent_or_goes_on(model: HouseVAE) -> None:
    struck = torch.tensor([[3.0, -1.0, -1.0, 2.0, -1.0, -1.0, -1.0, -1.0]])
    silent = torch.tensor([[9.0, 1.0, -1.0, 9.0, -1.0, -1.0, -1.0, -1.0]])
    pitch = torch.zeros(1, 8, 6)
    pitch[0, :, 4] = 0.01
    z = torch.zeros(1, 7)
    z[0, 2] = model.reader.style("density").place(torch.tensor(2 / 8))
    z[0, 1] = model.reader.style("range").place(torch.tensor(0.0))
    heads = Heads(struck, silent, pitch)
    tokens = model.decoder.choose(heads, z, torch.zeros(1, 1, CHOICES + 6))
    assert tokens.tolist() == [[4, SMALL.rest, SMALL.hold, 4, *[SMALL.hold] * 4]]


@settings(max_examples=40, deadline=None)
@given(POINTS)
def test_turned_up_density_only_adds_notes(seed: int) -> None:
    model = small()
    torch.manual_seed(seed)
    z = torch.randn(1, 7).repeat(41, 1)
    z[:, 2] = FAR
    tokens, _ = model.decode(z, gumbel(1, *model.noise_shape))
    struck = tokens < SMALL.hold
    assert not (struck[:-1] & ~struck[1:]).any()  # none goes, some come
    assert (struck[0].sum(), struck[-1].sum()) == (0, 8)


@settings(max_examples=40, deadline=None)
@given(POINTS, st.sampled_from(NAMES))
def test_no_knob_moves_its_attribute_the_wrong_way(seed: int, name: str) -> None:
    model = small()
    torch.manual_seed(seed)
    z = torch.randn(1, 7).repeat(41, 1)
    z[:, NAMES.index(name)] = FAR
    tokens, _ = model.decode(z, gumbel(1, *model.noise_shape))
    assert (read(model, tokens)[name].diff() >= 0).all()


@settings(max_examples=40, deadline=None)
@given(POINTS)
def test_every_window_is_as_asked_as_far_as_its_notes_can(seed: int) -> None:
    model = small()
    torch.manual_seed(seed)
    z = 2 * torch.randn(30, 7)
    tokens, _ = model.decode(z, gumbel(1, *model.noise_shape))
    found = read(model, tokens)
    of = {n: model.reader.style(n).index(z[:, k]) for k, n in enumerate(NAMES)}
    width, rise = obeying.possible(of["range"], of["contour"] - 5, of["density"])
    torch.testing.assert_close(found["density"].round().long(), of["density"])
    torch.testing.assert_close(found["range"].round().long(), width)
    torch.testing.assert_close(found["contour"].round().long(), rise)


@settings(max_examples=40, deadline=None)
@given(POINTS)
def test_rhythm_moves_notes_and_range_and_contour_leave_them(seed: int) -> None:
    model = small()
    torch.manual_seed(seed)
    z = torch.randn(1, 7).repeat(41, 1)
    noise = gumbel(1, *model.noise_shape)
    for name in ("rhythm", "range", "contour"):
        moved = z.clone()
        moved[:, NAMES.index(name)] = FAR
        struck = model.decode(moved, noise)[0] < SMALL.hold
        assert len(set(struck.sum(1).tolist())) == 1
        if name != "rhythm":
            assert (struck == struck[0]).all()


def test_one_that_does_not_obey_writes_the_likeliest_pitches() -> None:
    model = small(obeys=False)
    z = torch.randn(50, 7)
    tokens, logits = model.decode(z, torch.zeros(1, *model.noise_shape))
    struck = tokens < SMALL.hold
    assert torch.equal(tokens[struck], logits[..., 2:].argmax(2)[struck])


def test_noise_draws_pitches_from_their_head() -> None:
    model = small(obeys=False)
    z = torch.randn(1, 7)
    with torch.no_grad():
        tokens, _ = model.decode(z.expand(20_000, -1), gumbel(20_000, *model.noise_shape))
        chances = model.decoder.heads(z).pitch.softmax(2)[0]
    for step, here in enumerate(tokens.T):
        struck = here[here < SMALL.hold]
        if len(struck) > 5000:
            found = torch.bincount(struck, minlength=6) / len(struck)
            assert found.numpy() == pytest.approx(chances[step].numpy(), abs=0.03)


def test_noise_strikes_other_steps_but_as_many(model: HouseVAE) -> None:
    z = torch.randn(1, 7)
    tokens, _ = model.decode(z.expand(200, -1), gumbel(200, *model.noise_shape))
    struck = tokens < SMALL.hold
    assert len(struck.unique(dim=0)) > 1
    assert struck.sum(1).unique().tolist() == [int(model.decoder.notes(z))]


def test_as_many_notes_are_expected_as_are_asked_for(model: HouseVAE) -> None:
    z = torch.randn(50, 7)
    expected = model.decoder.levelled(z).struck.sigmoid().sum(1)
    assert expected.tolist() == pytest.approx(
        model.decoder.notes(z).clamp(0.01, 7.99).tolist(), abs=0.02
    )


def test_a_swap_sets_one_dimension_of_each_window() -> None:
    model = small(blur=1e-6)
    tokens = torch.randint(0, 8, (4, 8))
    value = torch.tensor([0.3, 2 / 26, 5 / 8, -3 / 26])
    swap = HouseSwap(torch.arange(4), value)
    torch.manual_seed(0)
    out = model(tokens, swap)
    assert out.swapped is not None
    torch.manual_seed(0)
    z, log_sigma = model.encode(tokens)
    z = z + log_sigma.exp() * torch.randn_like(z)
    for found, expected in zip(out.heads, model.decoder.levelled(z), strict=True):
        torch.testing.assert_close(found, expected)
    for k, name in enumerate(NAMES):
        z[k, k] = model.reader.style(name).place(value[k])
    for found, expected in zip(out.swapped, model.decoder.levelled(z), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)
    assert model(tokens).swapped is None


def test_rhythm_takes_density_along_and_nothing_else_takes_anything(model: HouseVAE) -> None:
    tokens = torch.randint(0, 8, (300, 8))
    model.reader.learn(measure(tokens.numpy(), Encoding(GRID, WORDS), NAMES))
    tie = float(model.reader.tie)
    assert 0.3 < tie < 1.1
    assert [model.takes(k) for k in range(7)] == [{2: pytest.approx(tie)}, *[{}] * 6]
    z = np.zeros((2, 7), np.float32)
    found = latent.moved(model, z, 0, np.array([-1.0, 2.0], np.float32))
    assert found[0].tolist() == [pytest.approx([x, 0, tie * x, 0, 0, 0, 0]) for x in (-1.0, 2.0)]
    swap = HouseSwap(torch.tensor([0, 2]), torch.tensor([0.5, 0.5]))
    places = torch.tensor([[1.0, 9, 9, 9], [9, 9, 3.0, 9]])
    moved = model._swapped(torch.zeros(2, 7), swap.dimension, places)
    assert moved.tolist() == [pytest.approx([1, 0, tie, 0, 0, 0, 0]), [0, 0, 3, 0, 0, 0, 0]]


def test_a_choice_is_clear_if_little_does_not_change_it(model: HouseVAE) -> None:
    z = torch.randn(20, 7)
    noise = torch.zeros(1, *model.noise_shape)
    assert model.clear(z, noise, 0.0).all()
    assert not model.clear(z, noise, 100.0).any()


def test_it_is_built_for_the_data(data: Dataset) -> None:
    encoding: Encoding = data.encoding
    learnt = data.splits["train"].tokens
    model = methods.build(HouseRun(), encoding, learnt)
    assert isinstance(model, HouseVAE)
    assert (model.config.pitches, model.config.steps) == (30, 24)
    assert model.config.follow == HouseRun().attributes
    places = model.reader(torch.as_tensor(learnt))
    assert places.mean(0).tolist() == pytest.approx([0] * 4, abs=0.05)
