from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from presets.encoding import Encoding
from training import methods
from training.config import GlsrRun
from training.data.phrases import GRID
from training.data.spelling import vocabulary
from training.models.glsr_vae import GlsrVAE, GlsrVAEConfig

SMALL = GlsrVAEConfig(
    vocabulary=9, hold=7, rest=8, steps=8, z=4, embedding=5, hidden=16, dropout=0.5
)


@pytest.fixture
def model() -> GlsrVAE:
    torch.manual_seed(0)
    return GlsrVAE(SMALL).eval()


def test_the_paper_is_the_defaults() -> None:
    c = GlsrVAEConfig()
    assert (c.layers, c.hidden, c.z, c.steps) == (2, 512, 12, 32)


def test_shapes(model: GlsrVAE) -> None:
    tokens = torch.randint(0, 9, (3, 8))
    mu, log_sigma = model.encode(tokens)
    assert mu.shape == log_sigma.shape == (3, 4)
    decoded, logits = model.decode(mu, torch.zeros(1, *model.noise_shape))
    assert decoded.shape == (3, 8)
    assert decoded.dtype == torch.int64
    assert logits.shape == (3, *model.noise_shape) == (3, 8, 9)
    out = model(tokens, steered=3)
    assert (out.logits.shape, out.slope.shape) == ((3, 8, 9), (3,))


def test_z_enters_at_the_first_step_and_the_mask_tells_which_that_is(model: GlsrVAE) -> None:
    z = torch.randn(3, 4)
    inputs = model.decoder.inputs(z)
    assert inputs.shape == (3, 8, 5)
    assert torch.equal(inputs[:, 0], torch.cat([z, torch.ones(3, 1)], 1))
    assert not inputs[:, 1:].any()


def test_a_zero_z_is_not_the_absence_of_one(model: GlsrVAE) -> None:
    given = model.decoder.inputs(torch.zeros(1, 4))
    absent = given.clone()
    absent[:, 0, -1] = 0
    assert not torch.allclose(model.decoder.read(given), model.decoder.read(absent))


def test_every_step_depends_on_z_and_none_on_another_token(model: GlsrVAE) -> None:
    z = torch.randn(2, 4)
    _, logits = model.decode(z, torch.zeros(1, 8, 9))
    _, again = model.decode(z + 1, torch.zeros(1, 8, 9))
    assert (logits != again).any(2).all()
    noise = torch.zeros(2, 8, 9)
    noise[:, 2, 5] = 1000  # a surprise at one step …
    surprised, same = model.decode(z, noise)
    assert (surprised[:, 2] == 5).all()
    assert torch.equal(same, logits)  # … changes nothing at any other
    assert torch.equal(surprised[:, 3:], logits.argmax(2)[:, 3:])


@pytest.mark.parametrize("temperature", [1.0, 0.3])
def test_gumbel_noise_draws_from_the_models_distribution(
    model: GlsrVAE, temperature: float
) -> None:
    """Noise times a temperature draws from softmax(logits / temperature)."""
    z = torch.randn(1, 4)
    noise = temperature * torch.distributions.Gumbel(0.0, 1.0).sample((8000, 8, 9))
    with torch.no_grad():
        drawn, logits = model.decode(z.expand(8000, -1), noise)
    counts = F.one_hot(drawn, 9).sum(0).double()  # [T, V]
    wanted = (logits[0] / temperature).softmax(-1).double() * 8000
    chi_squared = ((counts - wanted) ** 2 / wanted).sum(1)
    assert (chi_squared < 26.1).all()  # 8 degrees of freedom, p = .001


def test_the_most_likely_answer_repeats_even_after_training_mode(model: GlsrVAE) -> None:
    z, silence = torch.randn(4, 4), torch.zeros(1, 8, 9)
    assert torch.equal(model.decode(z, silence)[0], model.decode(z, silence)[0])


def test_dropout_lies_between_the_layers_only_while_training(model: GlsrVAE) -> None:
    z = torch.randn(4, 4)
    quiet = model.decoder.logits(z)
    model.train()
    assert not torch.equal(model.decoder.logits(z), quiet)
    one = GlsrVAE(GlsrVAEConfig(vocabulary=9, hold=7, rest=8, steps=8, hidden=16, layers=1)).train()
    z = torch.randn(4, 12)
    assert torch.equal(one.decoder.logits(z), one.decoder.logits(z))


def test_it_begins_with_the_tokens_frequencies_and_a_memory() -> None:
    tokens = torch.randint(0, 9, (50, 8)).clamp(min=5)  # 5 is the most common
    model = GlsrVAE(SMALL)
    model.expect(tokens)
    shares = (torch.bincount(tokens.flatten(), minlength=9) + 1) / (tokens.numel() + 9)
    torch.testing.assert_close(model.decoder.out.bias.softmax(0), shares)
    for rnn in (model.encoder.rnn, model.decoder.rnn):
        for layer in (0, 1):
            gates = rnn.get_parameter(f"bias_ih_l{layer}") + rnn.get_parameter(f"bias_hh_l{layer}")
            assert gates[16:32].sigmoid().mean() > 0.9  # torch's order: input, forget, …
            assert gates[:16].sigmoid().mean() < 0.6


def test_a_run_begins_with_what_is_common_in_its_windows() -> None:
    encoding = Encoding(GRID, vocabulary({}, 60, 81))
    hold = encoding.vocabulary.hold
    learnt = np.full((10, 32), hold)
    config = GlsrRun(model=SMALL)
    model = methods.build(config, encoding, learnt)
    assert isinstance(model, GlsrVAE)
    assert model.decoder.out.bias.argmax() == hold
    assert model.config.vocabulary == len(encoding.vocabulary.symbols)
    assert (model.config.hold, model.config.rest, model.config.steps) == (hold, hold + 1, 32)
