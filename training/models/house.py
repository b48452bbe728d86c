"""The house model: a decoder whose notes follow its knobs, in matrix products alone.

Given z the steps of a window are independent, each with three heads: is a note struck, else does a
silence begin, and which pitch would it be. A step is decoded head by head, most likely first of
each: of one softmax over notes, rest and hold the many pitches would share what "struck" is worth.
One dimension, that of density, acts on the first head alone, and only adds to it: turned up, every
step's chance of a note rises and no pitch changes, so that the windows along it are nested.

Nothing is fed back and nothing recurs, so a window costs three products each way, and gradients of
whatever is asked of the notes can live in a graph.

Shapes: B batch, T steps, P pitches (the vocabulary's first tokens), Z latent, W width.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.nn import functional as F

from training.models.latent_model import LatentModel

SPREAD = 6.0  # semitones: a step's height is so many times what the network says
CHOICES = 4  # Gumbel noises of a step beside those of its pitches: struck, not; silent, not


class HouseVAEConfig(Struct, frozen=True, forbid_unknown_fields=True):
    pitches: int = 30  # P; the tokens after them are hold and rest
    hold: int = 30
    rest: int = 31
    steps: int = 24  # T
    z: int = 32
    adding: int = -1  # the dimension that only adds notes; −1: none is special
    width: int = 512
    blocks: int = 2  # of each side
    dropout: float = 0.1

    @property
    def vocabulary(self) -> int:
        return self.pitches + 2


class Heads(NamedTuple):
    """What a step says, in logits."""

    struck: Tensor  # [B, T]
    silent: Tensor  # [B, T], where none is struck: a rest begins, or else what was goes on
    pitch: Tensor  # [B, T, P]


class HouseSwap(NamedTuple):
    """Another place in one dimension, for every window."""

    dimension: Tensor  # [B], which
    place: Tensor  # [B], where
    value: Tensor  # [B], of its attribute, which belongs there


class HousePass(NamedTuple):
    heads: Heads
    z: Tensor  # [B, Z], sampled
    mu: Tensor  # [B, Z]
    log_sigma: Tensor  # [B, Z]
    swapped: Heads | None  # of z with the swap done


class HouseVAE(LatentModel):
    config: HouseVAEConfig

    def __init__(self, config: HouseVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    @property
    def noise_shape(self) -> tuple[int, int]:
        return self.config.steps, CHOICES + self.config.pitches

    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        return self.encoder(tokens)

    def decode(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """As every model; of a step's noise four numbers belong to its two choices, in pairs.

        Logits are [B, T, 2 + P]: struck, silent, pitches.
        """
        return self.decoder(z, noise)

    def lead(self, logits: Tensor, noise: Tensor) -> Tensor:
        """As every model: of each step, of the choices that its token depends on."""
        heads = Heads(logits[..., 0], logits[..., 1], logits[..., 2:])
        struck, silent, pitch = disturbed(heads, noise)
        first, second = pitch.topk(2, -1).values.unbind(-1)
        then = torch.where(struck > 0, first - second, silent.abs())
        return torch.minimum(struck.abs(), then).amin(1)

    def forward(self, tokens: Tensor, swap: HouseSwap | None = None) -> HousePass:
        """The training pass; once more, swapped, where a swap is given."""
        mu, log_sigma = (each.float() for each in self.encode(tokens))
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        if swap is None:
            return HousePass(self.decoder.heads(z), z, mu, log_sigma, None)
        turned = F.one_hot(swap.dimension, z.shape[1]).bool()
        both = self.decoder.heads(torch.cat([z, torch.where(turned, swap.place[:, None], z)]))
        own, swapped = (Heads(*part) for part in zip(*(h.chunk(2) for h in both), strict=True))
        return HousePass(own, z, mu, log_sigma, swapped)


class Encoder(nn.Module):
    """Every token at every step has a vector of its own; their sum goes through blocks."""

    rows: Tensor  # [T], each step's first vector

    def __init__(self, c: HouseVAEConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(c.steps * c.vocabulary, c.width)
        nn.init.normal_(self.embed.weight, std=c.steps**-0.5)
        self.register_buffer("rows", torch.arange(c.steps) * c.vocabulary, persistent=False)
        self.blocks = nn.Sequential(*(Block(c.width, c.dropout) for _ in range(c.blocks)))
        self.out = nn.Linear(c.width, 2 * c.z)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        found = self.embed(tokens + self.rows).sum(1)
        mu, log_sigma = self.out(self.blocks(found)).chunk(2, 1)
        return mu, log_sigma


class Decoder(nn.Module):
    others: Tensor  # [Z], 0 for the dimension that only adds
    above: Tensor  # [P], semitones over the middle

    def __init__(self, c: HouseVAEConfig) -> None:
        super().__init__()
        self.config = c
        self.start = nn.Linear(c.z, c.width)
        self.blocks = nn.Sequential(*(Block(c.width, c.dropout) for _ in range(c.blocks)))
        self.out = nn.Linear(c.width, c.steps * (4 + c.pitches))
        self.near = nn.Parameter(torch.tensor(-2.0))  # softplus: how much a semitone's square costs
        self.register_buffer("above", torch.arange(c.pitches) - c.pitches / 2, persistent=False)
        others = torch.ones(c.z)
        if c.adding >= 0:
            others[c.adding] = 0.0
        self.register_buffer("others", others, persistent=False)

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, Z], noise [B, T, 4 + P] → tokens int64 [B, T], logits [B, T, 2 + P]."""
        heads = self.heads(z)
        said = torch.cat([heads.struck[..., None], heads.silent[..., None], heads.pitch], 2)
        return self.choose(heads, noise), said

    def choose(self, heads: Heads, noise: Tensor) -> Tensor:
        """Tokens [B, T], head by head."""
        struck, silent, pitch = disturbed(heads, noise)
        quiet = torch.where(silent > 0, self.config.rest, self.config.hold)
        return torch.where(struck > 0, pitch.argmax(2), quiet)

    def heads(self, z: Tensor) -> Heads:
        """Logits. With `adding` as a, struck = α + softplus(w) · z_a, α and w blind to z_a."""
        found = self.out(self.blocks(self.start(z * self.others)))
        found = found.view(-1, self.config.steps, 4 + self.config.pitches)
        struck, silent = found[..., 0], found[..., 1]
        away = self.above - SPREAD * found[..., 3:4]
        pitch = found[..., 4:] - F.softplus(self.near) * away**2
        if self.config.adding >= 0:
            struck = struck + F.softplus(found[..., 2]) * z[:, self.config.adding, None]
        return Heads(struck.float(), silent.float(), pitch.float())


def disturbed(heads: Heads, noise: Tensor) -> Heads:
    """Logits with noise [B, T, 4 + P]: a pair for each choice of two, one for each pitch."""
    return Heads(
        heads.struck + noise[..., 0] - noise[..., 1],
        heads.silent + noise[..., 2] - noise[..., 3],
        heads.pitch + noise[..., CHOICES:],
    )


class Block(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.inside = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inside(x)
