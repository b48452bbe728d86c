from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import Tensor
from torch.nn import functional as F

from presets.encoding import Encoding
from training import methods
from training.config import MelodyRun
from training.data.bars import MELODY, TWO
from training.models.melody_vae import Encoder, Lstm, MelodyVAE, MelodyVAEConfig, State

SMALL = MelodyVAEConfig(
    vocabulary=9, bars=4, steps=4, z=6, embedding=5, encoder=8, hidden=12, layers=2, bar=7
)
SHORT = replace(SMALL, reads_bars=True, says=3)  # short ways for what is learnt
SILENCE = torch.zeros(1, 16, 9)


@pytest.fixture(params=[SMALL, SHORT], ids=["published", "short ways"])
def model(request: pytest.FixtureRequest) -> MelodyVAE:
    torch.manual_seed(0)
    return MelodyVAE(request.param).eval()


def melodies(n: int = 5) -> Tensor:
    return torch.randint(0, 9, (n, 16), generator=torch.Generator().manual_seed(1))


def differing(a: Tensor, b: Tensor) -> list[int]:
    """The steps at which logits [B, T, V] are others."""
    return ((a - b).abs().amax((0, 2)) > 0).nonzero().flatten().tolist()


def test_the_published_sizes() -> None:
    c = MelodyVAEConfig()
    with torch.device("meta"):  # as large as it is, and nowhere
        model = MelodyVAE(c)
    assert model.noise_shape == (256, 32)
    assert (c.layers, c.hidden, c.bar, c.bars) == (2, 1024, 512, 16)
    assert isinstance(model.encoder, Encoder)
    assert model.encoder.rnn.hidden_size == 2048
    assert (model.encoder.out.in_features, model.encoder.out.out_features) == (4096, 1024)
    assert model.decoder.step_rnn.input_size == 512 + c.embedding


def test_shapes_and_types(model: MelodyVAE) -> None:
    mu, log_sigma = model.encode(melodies())
    assert mu.shape == log_sigma.shape == (5, 6)
    tokens, logits = model.decode(mu, SILENCE)
    assert (tokens.shape, tokens.dtype) == ((5, 16), torch.int64)
    assert logits.shape == (5, *model.noise_shape)
    assert model(melodies()).logits.shape == (5, 16, 9)


def test_the_most_likely_token_is_chosen_and_noise_can_overrule(model: MelodyVAE) -> None:
    z = torch.randn(5, 6)
    tokens, logits = model.decode(z, SILENCE)
    assert torch.equal(tokens, logits.argmax(2))
    loud = torch.zeros(5, 16, 9)
    loud[:, :, 7] = 1e6
    assert (model.decode(z, loud)[0] == 7).all()


def test_taught_with_its_own_choices_it_says_what_it_says_alone(model: MelodyVAE) -> None:
    z, noise = torch.randn(5, 6), torch.distributions.Gumbel(0.0, 1.0).sample((5, 16, 9))
    for drawn in (torch.zeros(5, 16, 9), noise):
        tokens, logits = model.decode(z, drawn)
        assert logits.std() > 1e-3
        torch.testing.assert_close(model.decoder.teach(z, tokens), logits)


def test_a_bars_embedding_is_heard_in_that_bar_alone(
    model: MelodyVAE, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another third bar of four: other first states there, and other logits at its four steps."""
    z, tokens = torch.randn(2, 6), melodies(2)
    bars = model.decoder.bars(z)
    others = bars.clone()
    others[:, 2] += 1
    before, after = (model.decoder.starts(each.flatten(0, 1)) for each in (bars, others))
    for was, now in zip(before, after, strict=True):
        assert was.shape == (2, 2 * 4, 12)
        moved = (was != now).any(2).any(0).view(2, 4)
        assert moved.tolist() == [[False, False, True, False]] * 2
    same = model.decoder.teach(z, tokens)
    monkeypatch.setattr(model.decoder, "bars", lambda _: others)
    assert differing(model.decoder.teach(z, tokens), same) == [8, 9, 10, 11]


@pytest.mark.parametrize(
    ("changed", "hear"), [(0, [1, 2, 3]), (2, [3]), (3, [4, 5, 6, 7]), (13, [14, 15]), (15, [])]
)
def test_a_bar_hears_its_own_tokens_and_the_last_of_the_one_before(
    model: MelodyVAE, changed: int, hear: list[int]
) -> None:
    z, tokens = torch.randn(1, 6), melodies(1)
    others = tokens.clone()
    others[0, changed] = (tokens[0, changed] + 1) % 9
    taught = (model.decoder.teach(z, each) for each in (tokens, others))
    assert differing(*taught) == hear


def test_z_is_heard_in_every_bar(model: MelodyVAE) -> None:
    tokens = melodies(1)
    a, b = (model.decoder.teach(z, tokens) for z in torch.randn(2, 1, 6))
    assert differing(a, b) == list(range(16))


def test_gumbel_noise_draws_from_the_models_distribution(model: MelodyVAE) -> None:
    """At every step, given what was drawn before it: the counts of tokens are as their chances."""
    draws = torch.Generator().manual_seed(2)
    noise = -torch.empty(4000, 16, 9).exponential_(generator=draws).log()
    with torch.no_grad():
        tokens, logits = model.decode(torch.randn(1, 6, generator=draws).expand(4000, -1), noise)
    chances = logits.softmax(2).double()
    away = F.one_hot(tokens, 9).sum(0) - chances.sum(0)
    deviation = (chances * (1 - chances)).sum(0).sqrt()
    assert (away / deviation).abs().max() < 4.5  # of 144
    assert len({tuple(row) for row in tokens.tolist()}) > 3900


def test_one_step_at_a_time_is_the_lstm_of_torch() -> None:
    torch.manual_seed(0)
    lstm = Lstm(3, 5, 2, 0.5).eval()
    x, state = torch.randn(4, 6, 3), State(*torch.randn(2, 2, 4, 5))
    whole, _ = lstm(x, state)
    for t in range(6):
        state = lstm.step(x[:, t], state)
        torch.testing.assert_close(state.h[-1], whole[:, t])


def test_every_weight_learns(model: MelodyVAE) -> None:
    model.train()
    out = model(melodies(8))
    (out.logits.logsumexp(2).sum() + out.log_sigma.sum()).backward()
    silent = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_sigma_is_a_softplus_small_at_first_and_never_nothing(model: MelodyVAE) -> None:
    assert 0.1 < model.encode(melodies())[1].exp().mean() < 0.17
    torch.nn.init.constant_(model.encoder.out.bias, -500)
    assert model.encode(melodies())[1].isfinite().all()


def test_an_lstm_begins_with_a_memory(model: MelodyVAE) -> None:
    over_steps = model.encoder.rnn if isinstance(model.encoder, Encoder) else model.encoder.step_rnn
    for lstm in (over_steps, model.decoder.bar_rnn, model.decoder.step_rnn):
        size = lstm.hidden_size
        found = {n: p for n, p in lstm.named_parameters() if n.startswith("bias_ih")}
        for name, bias in found.items():
            gates = (bias + lstm.get_parameter(name.replace("ih", "hh"))).sigmoid()
            assert gates[size : 2 * size].mean() > 0.9
            assert gates[:size].mean() < 0.6
        assert len(found) == 2  # directions, or layers


def test_z_is_drawn_around_mu_with_sigma(model: MelodyVAE) -> None:
    out = model(melodies(1).expand(4000, -1))
    torch.testing.assert_close(out.z.mean(0), out.mu[0], atol=0.02, rtol=0)
    torch.testing.assert_close(out.z.std(0), out.log_sigma[0].exp(), rtol=0.1, atol=0)


@pytest.mark.parametrize(("encoding", "sizes"), [(MELODY, (16, 16)), (TWO, (2, 24))])
def test_a_run_has_the_bars_and_steps_of_its_windows(
    encoding: Encoding, sizes: tuple[int, int]
) -> None:
    model = methods.build(MelodyRun(model=SMALL), encoding, np.zeros((1, 256), np.int64))
    assert isinstance(model, MelodyVAE)
    assert (model.config.bars, model.config.steps) == sizes
    assert model.config.vocabulary == 32
