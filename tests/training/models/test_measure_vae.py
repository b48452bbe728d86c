from __future__ import annotations

import pytest
import torch
from torch import Tensor

from training.models.measure_vae import Gru, MeasureVAE, MeasureVAEConfig

HOLD = 30


@pytest.fixture
def model(small: MeasureVAEConfig) -> MeasureVAE:
    torch.manual_seed(3)
    return MeasureVAE(small).eval()


def bars(n: int = 5) -> Tensor:
    return torch.randint(0, 32, (n, 24), generator=torch.Generator().manual_seed(1))


def test_the_published_sizes() -> None:
    model = MeasureVAE(MeasureVAEConfig())
    assert model.noise_shape == (24, 32)
    assert model.encoder.mu[0].in_features == 512
    assert sum(p.numel() for p in model.parameters()) == 1_097_195


def test_shapes_and_types(model: MeasureVAE) -> None:
    mu, log_sigma = model.encode(bars())
    assert mu.shape == log_sigma.shape == (5, 6)
    tokens, logits = model.decode(mu, torch.zeros(5, 24, 32))
    assert tokens.shape == (5, 24)
    assert tokens.dtype == torch.int64
    assert logits.shape == (5, 24, 32)


def test_without_noise_the_most_likely_token_is_chosen_and_noise_can_overrule(
    model: MeasureVAE,
) -> None:
    z = torch.randn(5, 6)
    tokens, logits = model.decode(z, torch.zeros(5, 24, 32))
    assert torch.equal(tokens, logits.argmax(2))
    loud = torch.zeros(5, 24, 32)
    loud[:, :, 7] = 1e6
    assert (model.decode(z, loud)[0] == 7).all()


def test_taught_with_its_own_choices_it_says_what_it_says_alone(model: MeasureVAE) -> None:
    z = torch.randn(5, 6)
    tokens, logits = model.decode(z, torch.zeros(5, 24, 32))
    assert logits.std() > 1e-3
    torch.testing.assert_close(model.decoder.teach(z, tokens), logits)
    torch.testing.assert_close(model.decoder.teach(z, None), logits)


@pytest.mark.parametrize("changed", [0, 4, 5, 6, 17])
def test_a_token_is_heard_by_what_follows_it_and_never_before(
    model: MeasureVAE, changed: int
) -> None:
    z, given = torch.randn(1, 6), torch.full((1, 24), HOLD)
    other = given.clone()
    other[0, changed] = 3
    differ = (model.decoder.teach(z, given) - model.decoder.teach(z, other)).abs().amax((0, 2)) > 0
    assert not differ[: changed + 1].any()
    assert differ[changed + 1]


def test_a_beat_remembers_only_the_last_token_of_the_one_before(model: MeasureVAE) -> None:
    z, given = torch.randn(1, 6), torch.full((1, 24), HOLD)
    other = given.clone()
    other[0, 4] = 3  # not the last of its beat
    differ = (model.decoder.teach(z, given) - model.decoder.teach(z, other)).abs().amax((0, 2)) > 0
    assert differ.nonzero().flatten().tolist() == [5]


def test_one_step_at_a_time_is_the_gru_of_torch() -> None:
    torch.manual_seed(0)
    gru = Gru(3, 5, 2, 0.5).eval()
    x, start = torch.randn(4, 6, 3), torch.randn(2, 4, 5)
    whole, _ = gru(x, start)
    state = list(start.unbind(0))
    for t in range(6):
        state = gru.step(x[:, t], state)
        torch.testing.assert_close(state[-1], whole[:, t])


@pytest.mark.parametrize("forced", [True, False])
def test_every_weight_learns_whether_taught_or_free(small: MeasureVAEConfig, forced: bool) -> None:
    torch.manual_seed(0)
    model = MeasureVAE(small).train()
    torch.nn.init.ones_(model.decoder.pulse)  # at first 0, which silences the weight it meets
    out = model(bars(8), forced)
    (out.logits.logsumexp(2).sum() + out.log_sigma.sum()).backward()
    silent = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_z_is_drawn_around_mu_with_sigma(model: MeasureVAE) -> None:
    out = model(bars(1).expand(4000, -1))
    assert (out.z.mean(0) - out.mu[0]).abs().max() < 0.1
    torch.testing.assert_close(out.z.std(0), out.log_sigma[0].exp(), rtol=0.1, atol=0)
