from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from presets.encoding import Encoding
from training import methods
from training.config import HouseRun
from training.dataset import Dataset
from training.models.house import CHOICES, Heads, HouseSwap, HouseVAE, HouseVAEConfig

SMALL = HouseVAEConfig(
    pitches=6, hold=6, rest=7, steps=8, z=5, adding=2, width=16, blocks=1, dropout=0.5
)
POINTS = st.integers(0, 10_000)


def small(adding: int = 2) -> HouseVAE:
    torch.manual_seed(0)
    model = HouseVAE(
        HouseVAEConfig(6, 6, 7, 8, z=5, adding=adding, width=16, blocks=1, dropout=0.5)
    )
    with torch.no_grad():
        model.decoder.out.weight.mul_(10)  # clear choices
    return model.eval()


def gumbel(*shape: int) -> torch.Tensor:
    return -torch.log(-torch.log(torch.rand(shape).clamp(1e-7, 1 - 1e-7)))


@pytest.fixture
def model() -> HouseVAE:
    return small()


def test_shapes(model: HouseVAE) -> None:
    tokens = torch.randint(0, 8, (3, 8))
    mu, log_sigma = model.encode(tokens)
    assert mu.shape == log_sigma.shape == (3, 5)
    decoded, logits = model.decode(mu, torch.zeros(1, *model.noise_shape))
    assert decoded.shape == (3, 8)
    assert decoded.dtype == torch.int64
    assert logits.shape == (3, 8, 2 + 6)
    assert model.noise_shape == (8, CHOICES + 6)


def test_a_step_is_decoded_head_by_head(model: HouseVAE) -> None:
    struck = torch.tensor([[1.0, -1.0, -1.0, 0.1]])
    silent = torch.tensor([[9.0, 1.0, -1.0, 9.0]])
    pitch = torch.zeros(1, 4, 6)
    pitch[0, :, 4] = 0.01
    tokens = model.decoder.choose(Heads(struck, silent, pitch), torch.zeros(1, 1, CHOICES + 6))
    assert tokens.tolist() == [[4, SMALL.rest, SMALL.hold, 4]]


@settings(max_examples=40)
@given(POINTS)
def test_turned_up_density_only_adds_notes(seed: int) -> None:
    model = small()
    torch.manual_seed(seed)
    z = torch.randn(1, 5).repeat(41, 1)
    z[:, 2] = torch.linspace(-20, 20, 41)
    noise = gumbel(1, *model.noise_shape)
    tokens, _ = model.decode(z, noise)
    struck = tokens < SMALL.hold
    assert not (struck[:-1] & ~struck[1:]).any()  # none goes …
    assert struck[-1].sum() > struck[0].sum()  # … some come …
    both = struck[:-1] & struck[1:]
    assert torch.equal(tokens[:-1][both], tokens[1:][both])  # … and pitches stay


def test_without_that_dimension_notes_come_and_go() -> None:
    model = small(adding=-1)
    z = torch.randn(50, 1, 5).repeat(1, 41, 1)
    z[:, :, 2] = torch.linspace(-20, 20, 41)
    tokens, _ = model.decode(z.flatten(0, 1), torch.zeros(1, *model.noise_shape))
    struck = (tokens < SMALL.hold).view(50, 41, 8)
    assert (struck[:, :-1] & ~struck[:, 1:]).any()


def test_noise_draws_from_the_heads(model: HouseVAE) -> None:
    z = torch.randn(1, 5)
    noise = gumbel(20_000, *model.noise_shape)
    with torch.no_grad():
        tokens, _ = model.decode(z.expand(20_000, -1), noise)
        heads = model.decoder.heads(z)
    struck, silent = heads.struck.sigmoid(), heads.silent.sigmoid()
    chances = torch.cat(
        [
            struck[..., None] * heads.pitch.softmax(2),
            ((1 - struck) * (1 - silent))[..., None],
            ((1 - struck) * silent)[..., None],
        ],
        2,
    )[0]
    found = torch.nn.functional.one_hot(tokens, 8).double().mean(0)
    assert found.numpy() == pytest.approx(chances.numpy(), abs=0.015)


def test_a_swap_sets_one_dimension_of_each_window(model: HouseVAE) -> None:
    tokens = torch.randint(0, 8, (4, 8))
    place = torch.tensor([1.5, -2.0, 0.0, 3.0])
    swap = HouseSwap(torch.tensor([0, 1, 2, 0]), place, torch.zeros(4))
    out = model(tokens, swap)
    assert out.swapped is not None
    z = out.z.clone()
    z[torch.arange(4), swap.dimension] = place
    for found, expected in zip(out.swapped, model.decoder.heads(z), strict=True):
        torch.testing.assert_close(found, expected)
    for found, expected in zip(out.heads, model.decoder.heads(out.z), strict=True):
        torch.testing.assert_close(found, expected)
    assert model(tokens).swapped is None


def test_the_lead_is_the_least_of_the_choices_that_count(model: HouseVAE) -> None:
    pitch = [5.0, 3.0, 0, 0, 0, 0]
    logits = torch.tensor([[[2.5, 0.1, *pitch], [-4.0, 3.0, *[0.0] * 6]]])
    assert model.lead(logits, torch.zeros(1, 1, CHOICES + 6)).tolist() == [2.0]
    noise = torch.zeros(1, 2, CHOICES + 6)
    noise[0, 1, 3] = 2.5  # the second step's silence is nearly none
    assert model.lead(logits, noise).tolist() == [0.5]


def test_it_is_built_for_the_data(data: Dataset) -> None:
    encoding: Encoding = data.encoding
    model = methods.build(HouseRun(), encoding)
    assert isinstance(model, HouseVAE)
    assert (model.config.pitches, model.config.steps) == (30, 24)
    assert model.config.adding == HouseRun().attributes.index("density")
    other = methods.build(HouseRun(attributes=("contour", "density")), encoding)
    plain = methods.build(HouseRun(adds=False), encoding)
    assert isinstance(other, HouseVAE)
    assert isinstance(plain, HouseVAE)
    assert (other.config.adding, plain.config.adding) == (1, -1)
