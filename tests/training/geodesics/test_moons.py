from __future__ import annotations

import torch

from training.geodesics import moons
from training.geodesics.moons import LEARNT, NOISE, OUTPUTS, UNSEEN, Trained


def test_moons_lie_in_a_plane_of_more_dimensions() -> None:
    data = moons.moons(0, 500)
    assert data.x.shape == (500, OUTPUTS)
    assert data.moon.bincount().tolist() == [250, 250]
    spread = torch.linalg.svdvals(data.x - data.x.mean(0)) / 500**0.5
    assert (spread[:2] > 0.4).all()
    assert (spread[2:] < 1.3 * NOISE).all()


def test_a_seed_says_all() -> None:
    one, same, other = (moons.train(seed, steps=5) for seed in (3, 3, 4))
    assert torch.equal(one.encodings, same.encodings)
    z = one.encodings[:9]
    assert torch.equal(one.decoder(z), same.decoder(z))
    assert not torch.equal(one.encodings, other.encodings)


def test_what_is_learnt(trained: Trained) -> None:
    assert trained.encodings.shape == (LEARNT, 2)
    assert trained.unseen.shape == (UNSEEN, 2)
    data = moons.moons(0)
    mu, sigma = trained.decoder(trained.encodings).chunk(2, 1)
    error = (mu - data.x[:LEARNT]).square().mean().sqrt()
    assert error < 0.6 * data.x.std(0).mean()
    assert (sigma <= data.x[:LEARNT].var(0).mean().sqrt() + 1e-5).all()
    assert not any(weight.requires_grad for weight in trained.decoder.parameters())
