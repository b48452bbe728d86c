"""Two moons, and a small VAE of them: what the paper shows its geodesics on (Yang & Hauberg 2018,
eqs. 1 and 6, Fig. 1)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from sklearn.datasets import make_moons
from torch import Tensor, nn

from training.geodesics import precision
from training.geodesics.precision import Precision
from training.models.ar_vae import divergence

LEARNT, UNSEEN = 2000, 1000  # points
OUTPUTS = 10  # D: more than the plane that moons lie in, so that a decoder has something to learn
NOISE = 0.05  # its deviation in each of D; a moon's radius is 1
LATENT = 2


class Moons(NamedTuple):
    x: Tensor  # [N, D]
    moon: Tensor  # which of the two, 0 or 1 [N]


def moons(seed: int, count: int = LEARNT + UNSEEN) -> Moons:
    """sklearn's, turned into D dimensions at random, with noise in all of them."""
    plane, moon = make_moons(count, random_state=seed)
    draw = torch.Generator().manual_seed(seed)
    turn, _ = torch.linalg.qr(torch.randn(OUTPUTS, 2, generator=draw))
    noise = NOISE * torch.randn(count, OUTPUTS, generator=draw)
    return Moons(torch.as_tensor(plane).float() @ turn.T + noise, torch.as_tensor(moon))


class Vae(nn.Module):
    """An encoder, and a decoder's μ; smooth, as a metric asks."""

    def __init__(self, outputs: int = OUTPUTS, latent: int = LATENT, width: int = 64) -> None:
        super().__init__()
        self.encoder = _net(outputs, width, 2 * latent)
        self.mu = _net(latent, width, outputs)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """μ and log σ of q(z | x): [N, D] → [N, Z] each."""
        mu, log_sigma = self.encoder(x).chunk(2, 1)
        return mu, log_sigma

    def loss(self, x: Tensor) -> Tensor:
        """The negative ELBO in nats, a mean over x [B, D], with one σ for all outputs, which is the
        best that it can be: a σ of its own each output gets afterwards."""
        mu, log_sigma = self.encode(x)
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        error = (x - self.mu(z)).square().mean()
        return x.shape[1] / 2 * error.log() + divergence(mu, log_sigma).mean()


class Decoder(nn.Module):
    """Both halves of eq. 1, trained."""

    def __init__(self, mu: nn.Module, precision: Precision) -> None:
        super().__init__()
        self.mu, self.precision = mu.requires_grad_(False), precision.requires_grad_(False)

    def forward(self, z: Tensor) -> Tensor:
        """[μ, σ]: z [M, Z] → [M, 2 D]."""
        return torch.cat([self.mu(z), self.precision.sigma(z)], 1)


class Trained(NamedTuple):
    decoder: Decoder
    encodings: Tensor  # the means of q(z | x) of what was learnt [N, Z]
    moon: Tensor  # which of the two each is of [N]
    unseen: Tensor  # encodings of what was not learnt [M, Z]


def train(seed: int, steps: int = 3000) -> Trained:
    """Some seconds of one core: so many steps of μ, then a sixth as many of g on the errors that
    are left at draws from q(z | x)."""
    torch.manual_seed(seed)
    (x, moon), vae = moons(seed), Vae()
    learnt, unseen = x[:LEARNT], x[LEARNT:]
    _descend(vae, learnt, steps)
    with torch.no_grad():
        mu, log_sigma = vae.encode(learnt)
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        error, others = learnt - vae.mu(z), vae.encode(unseen)[0]
    unknown = 1 / learnt.var(0).mean().item()  # where nothing is known: what all the data varies by
    sure = Precision(mu, OUTPUTS, floor=unknown)
    precision.fit(sure, z, error, steps // 6)
    return Trained(Decoder(vae.mu, sure), mu, moon[:LEARNT], others)


def _descend(vae: Vae, x: Tensor, steps: int, batch: int = 256) -> None:
    optimiser = torch.optim.Adam(vae.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        loss = vae.loss(x[torch.randint(len(x), (batch,))])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def _net(inputs: int, width: int, outputs: int) -> nn.Sequential:
    first, second = nn.Linear(inputs, width), nn.Linear(width, width)
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), nn.Linear(width, outputs))
