"""The house model: a decoder whose notes do what its knobs say, in matrix products alone.

The followed dimensions are not learnt. An encoding has there the places that its window's
attributes have in the style, read off its tokens; the decoder reads the same tables the other way,
and what a place stands for is what it writes: of the steps, in the order in which they are likely
to be struck, the first so many; on them, of all lines with that range and that rise, the likeliest
(`obeying`). The order knows nothing of density, range and contour, so that turning density up only
adds notes. Rhythm moves steps in it by how complex they are, so that turning rhythm up only moves
notes to more complex places. Pitches know nothing of density and rhythm.

Given z the steps are independent, each with three heads: is a note struck, else does a silence
begin, and which pitch would it be. Nothing is fed back and nothing recurs, so that gradients of
whatever is asked of the notes can live in a graph.

Shapes: B batch, T steps, P pitches (the vocabulary's first tokens), Z latent, A of them followed,
W width.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.nn import functional as F

from presets.keep import CHOICES
from training.models import obeying
from training.models.asking import Asked, Asking
from training.models.latent_model import LatentModel
from training.models.level import level
from training.models.reader import Reader

SPREAD = 6.0  # semitones: a step's height is so many times what the network says
CERTAIN = 20.0  # nats: more is not told, though the decoder orders steps and pitches by it
JITTERS = 8  # how often choices are disturbed to see whether they are clear


class HouseVAEConfig(Struct, frozen=True, forbid_unknown_fields=True):
    follow: tuple[str, ...] = ()  # z_0, z_1, …
    weights: tuple[float, ...] = ()  # metrical complexity of each of T steps
    pitches: int = 30  # P; the tokens after them are hold and rest
    hold: int = 30
    rest: int = 31
    z: int = 32
    width: int = 512
    blocks: int = 2  # of the encoder, and of each half of the decoder
    dropout: float = 0.1
    blur: float = 0.1  # deviation of a followed dimension
    keeps: float = 8.0  # nats to what was played, when the instrument decodes
    obeys: bool = True  # else each note is the likeliest, whatever range and rise were asked for

    @property
    def vocabulary(self) -> int:
        return self.pitches + 2

    @property
    def steps(self) -> int:
        return len(self.weights)


class Heads(NamedTuple):
    """What a step says, in logits."""

    struck: Tensor  # [B, T]
    silent: Tensor  # [B, T], where none is struck: a rest begins, or else what was goes on
    pitch: Tensor  # [B, T, P]


class HouseSwap(NamedTuple):
    """Another value in one dimension, for every window."""

    dimension: Tensor  # [B], which
    value: Tensor  # [B], of its attribute


class HousePass(NamedTuple):
    heads: Heads
    mu: Tensor  # [B, Z − A], of the dimensions that follow nothing
    log_sigma: Tensor  # [B, Z − A]
    swapped: Heads | None = None  # of z with the swap done …
    notes: Tensor | None = None  # … and how many that asks for [B]


class HouseVAE(LatentModel):
    config: HouseVAEConfig

    def __init__(self, config: HouseVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    @property
    def reader(self) -> Reader:
        return self.decoder.reader

    @property
    def noise_shape(self) -> tuple[int, int]:
        return self.config.steps, CHOICES + self.config.pitches

    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        places = self.reader(tokens)
        mu, log_sigma = (each.float() for each in self.encoder(tokens))
        blur = torch.full_like(places, self.config.blur).log()
        return torch.cat([places, mu], 1), torch.cat([blur, log_sigma], 1)

    def decode(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """As every model; of a step's noise four numbers belong to its two choices, in pairs.

        Logits are [B, T, 2 + P]: struck, silent, and pitches, these below the likeliest of a step.
        """
        return self.decoder(z, noise)

    @property
    def keeps(self) -> float:
        return self.config.keeps

    def takes(self, dimension: int) -> dict[int, float]:
        """Rhythm takes density along, by as much as it does in the style: its sum of weights has
        one for every note. Density leaves rhythm's dimension alone."""
        names = self.config.follow
        if names[dimension : dimension + 1] != ("rhythm",):
            return {}
        return {names.index("density"): float(self.reader.tie)}

    def clear(self, z: Tensor, noise: Tensor, margin: float) -> Tensor:
        """As every model, as far as some draws can tell: a choice here is one among whole lines."""
        heads = self.decoder.heads(z)
        tokens = self.decoder.choose(heads, z, noise)
        same = torch.ones(len(tokens), dtype=torch.bool)
        for _ in range(JITTERS):
            shaken = Heads(*(h + margin * (2 * torch.rand_like(h) - 1) for h in heads))
            same &= (self.decoder.choose(shaken, z, noise) == tokens).all(1)
        return same

    def forward(self, tokens: Tensor, swap: HouseSwap | None = None) -> HousePass:
        """The training pass; once more, swapped, where a swap is given."""
        mu, log_sigma = self.encode(tokens)
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        free = mu[:, len(self.config.follow) :], log_sigma[:, len(self.config.follow) :]
        if swap is None:
            return HousePass(self.decoder.levelled(z), *free)
        places = [self.reader.style(name).place(swap.value) for name in self.config.follow]
        place = torch.stack(places, 1) + self.config.blur * torch.randn_like(swap.value)[:, None]
        both = torch.cat([z, self._swapped(z, swap.dimension, place)])
        heads = self.decoder.levelled(both)
        own, swapped = (Heads(*part) for part in zip(*(h.chunk(2) for h in heads), strict=True))
        notes = self.decoder.notes(both)[len(z) :]
        return HousePass(own, *free, swapped, notes)

    def _swapped(self, z: Tensor, dimension: Tensor, place: Tensor) -> Tensor:
        """z [B, Z] with one dimension of each row [B] at its place [B, A], others taken along."""
        rows = torch.arange(len(z), device=z.device)
        by = place[rows, dimension] - z[rows, dimension]
        moved = z.clone()
        moved[rows, dimension] += by
        for k in range(place.shape[1]):
            for other, share in self.takes(k).items():
                moved[:, other] += share * by * (dimension == k)
        return moved


class Encoder(nn.Module):
    """Every token at every step has a vector of its own; their sum goes through blocks."""

    rows: Tensor  # [T], each step's first vector

    def __init__(self, c: HouseVAEConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(c.steps * c.vocabulary, c.width)
        nn.init.normal_(self.embed.weight, std=c.steps**-0.5)
        self.register_buffer("rows", torch.arange(c.steps) * c.vocabulary, persistent=False)
        self.blocks = nn.Sequential(*(Block(c.width, c.dropout) for _ in range(c.blocks)))
        self.out = nn.Linear(c.width, 2 * (c.z - len(c.follow)))

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        found = self.embed(tokens + self.rows).sum(1)
        mu, log_sigma = self.out(self.blocks(found)).chunk(2, 1)
        return mu, log_sigma


class Half(nn.Module):
    """Half of the decoder: z without the dimensions that it must not know → numbers in parts."""

    known: Tensor  # [Z], 0 for what it must not know

    def __init__(self, c: HouseVAEConfig, unknown: tuple[str, ...], parts: list[int]) -> None:
        super().__init__()
        self.parts = parts
        known = torch.ones(c.z)
        known[[c.follow.index(name) for name in unknown]] = 0.0
        self.register_buffer("known", known, persistent=False)
        self.start = nn.Linear(c.z, c.width)
        self.blocks = nn.Sequential(*(Block(c.width, c.dropout) for _ in range(c.blocks)))
        self.out = nn.Linear(c.width, sum(parts))

    def forward(self, z: Tensor) -> tuple[Tensor, ...]:
        """z [B, Z] → [B, part] each."""
        known = F.linear(z, self.start.weight * self.known, self.start.bias)
        return self.out(self.blocks(known)).float().split(self.parts, 1)


class Decoder(nn.Module):
    above: Tensor  # [P], semitones over the middle
    steeper: Tensor  # [L, T]: which of the levels of metrical complexity a step has reached

    def __init__(self, c: HouseVAEConfig) -> None:
        super().__init__()
        self.config = c
        self.reader = Reader(c.follow, c.weights, c.pitches)
        self.asking = Asking(c.follow, c.steps, c.pitches)
        levels, rank = torch.tensor(c.weights).unique(return_inverse=True)
        reached = rank >= torch.arange(len(levels))[:, None]
        apart = "rhythm", "range", "density", "contour"
        self.times = Half(c, apart, [len(levels), c.steps, c.steps])
        self.line = Half(c, ("rhythm", "density"), [c.steps * (1 + c.pitches)])
        self.near = nn.Parameter(torch.tensor(-2.0))  # softplus: how much a semitone's square costs
        self.register_buffer("above", torch.arange(c.pitches) - c.pitches / 2, persistent=False)
        self.register_buffer("steeper", reached.float(), persistent=False)

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, Z], noise [B, T, 4 + P] → tokens int64 [B, T], logits [B, T, 2 + P]."""
        heads = self.heads(z)
        pitch = heads.pitch - heads.pitch.amax(2, keepdim=True)
        said = torch.cat([heads.struck[..., None], heads.silent[..., None], pitch], 2)
        return self.choose(heads, z, noise), said.clamp(-CERTAIN, CERTAIN)

    def heads(self, z: Tensor) -> Heads:
        """Logits; those of being struck are but an order, which `levelled` puts at its height."""
        steepness, struck, silent = self.times(z)
        slope = (F.elu(steepness) + 1) @ self.steeper  # positive, and steeper the more complex
        struck = struck + slope * self.of(z, "rhythm")
        (line,) = self.line(z)
        centre, pitch = line.view(len(z), self.config.steps, -1).split([1, len(self.above)], 2)
        away = self.above - SPREAD * centre
        return Heads(struck, silent, pitch - F.softplus(self.near) * away**2)

    def levelled(self, z: Tensor) -> Heads:
        """Logits by which as many notes are to be expected as are asked for."""
        heads = self.heads(z)
        return heads._replace(struck=level(heads.struck, self.notes(z)))

    def choose(self, heads: Heads, z: Tensor, noise: Tensor) -> Tensor:
        """The likeliest tokens [B, T] of those that are asked for, after noise [B, T, 4 + P]."""
        c, asked = self.config, self.asking(z, self.reader)
        note, no_note, silence, no_silence, pitches = noise.split([*[1] * CHOICES, c.pitches], 2)
        struck = obeying.struck(heads.struck[..., None] + note - no_note, asked.notes)
        silent = heads.silent[..., None] + silence - no_silence > 0
        found = self._line(heads.pitch + pitches, struck, asked)
        return torch.where(struck > 0, found, torch.where(silent, c.rest, c.hold))[..., 0]

    def _line(self, pitch: Tensor, struck: Tensor, asked: Asked) -> Tensor:
        if not self.config.obeys:
            return pitch.argmax(2, keepdim=True)
        return obeying.pitches(pitch, struck, *asked)

    def of(self, z: Tensor, name: str) -> Tensor:
        """[B, 1]"""
        index = self.config.follow.index(name)
        return z[:, index : index + 1]

    def notes(self, z: Tensor) -> Tensor:
        """How many are asked for: int64 [B]."""
        return self.reader.style("density").index(self.of(z, "density")[:, 0])


class Block(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.inside = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inside(x)
