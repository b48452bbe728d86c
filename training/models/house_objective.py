"""What the house model descends: windows that come back, and likely ones where a knob is turned.

The decoder does what its knobs say in any case; whether what it then writes is what it finds likely
is learnt by the *swap*: a window gets another value in one dimension and is decoded, and what is to
be expected of its notes is held against that value, against its own in all that should stay, and
against its key. Attributes have closed forms under the heads (`expected`), taken here at sharpened
chances, since what is heard is the most likely window and not the mean of many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from presets.attributes import ATTRIBUTES, RANGE, metrical_weights
from presets.encoding import Encoding
from training.config import HouseRun
from training.evaluation import coherence
from training.evaluation.metrics import correlation
from training.models import expected, obeying
from training.models.expected import Chances
from training.models.house import Heads, HouseSwap
from training.models.latent_model import LatentModel
from training.models.level import level
from training.objective import Batch, Figures, Losses

Floats = NDArray[np.float64]

STRETCH = 1.6  # of the style's ends: what may be asked for
STILL = 1e-6  # a deviation below this is none
TIED = 0.5  # |correlation| of two attributes above which moving one may move the other


@dataclass(frozen=True)
class Objective:
    config: HouseRun
    weight: Tensor  # metrical complexity of each step [T]
    low: int  # MIDI pitch of the first token
    lattices: tuple[Tensor, ...]  # of each attribute, the values that may be asked for [V]
    spread: Tensor  # standard deviation of each attribute [A]
    stays: Tensor  # [A, A]: 1 where turning the row's dimension should leave the column's attribute

    def losses(self, model: nn.Module, batch: Batch) -> Losses:
        swap = self.drawn(batch.attributes) if self.config.weights.swap else None
        out = model(batch.tokens, swap)
        terms = {
            "reconstruction": unlikelihood(out.heads, batch.tokens, self.config.model.hold),
            "kl": free_bits(out.mu, out.log_sigma, self.config.free_bits),
        }
        if swap is not None:
            terms |= self.swapped(out.swapped, out.notes, batch, swap)
        done = min(1.0, batch.epoch / (self.config.epochs * self.config.ramp))
        weights = self.config.weights
        total = sum(
            getattr(weights, name) * term * (done if name in weights.RAMPED else 1.0)
            for name, term in terms.items()
        )
        return Losses(torch.as_tensor(total), terms)

    def drawn(self, attributes: Tensor) -> HouseSwap:
        """For each window of attributes [B, A].

        The value is another window's, or, for the share `stretched`, any that a performer may ask
        for: on the attribute's own grain, past the style's ends.
        """
        size, device = len(attributes), attributes.device
        dimension = torch.randint(len(self.lattices), (size,), device=device)
        beyond = torch.rand(size, device=device) < self.config.stretched
        others = attributes[torch.randperm(size, device=device)]
        values: list[Tensor] = []
        for lattice, other in zip(self.lattices, others.unbind(1), strict=True):
            any_one = lattice.to(device)[torch.randint(len(lattice), (size,), device=device)]
            values.append(torch.where(beyond, any_one, other))
        rows = torch.arange(size, device=device)
        return HouseSwap(dimension, torch.stack(values, 1)[rows, dimension])

    def swapped(
        self, heads: Heads, notes: Tensor, batch: Batch, swap: HouseSwap
    ) -> dict[str, Tensor]:
        """`notes` [B]: how many the swapped places ask for.

        swap: how far the turned attribute is from its value; stay: how far those that should
        not move did, both in standard deviations; key: notes outside the window's key; undecided:
        how far from 0 or 1 the chances are that a step is struck."""
        rows, own = torch.arange(len(batch.tokens), device=batch.tokens.device), batch.attributes
        wanted = self.wanted(own, notes, swap)
        chances = self.chances(heads, notes)
        found = expected.expected(chances, self.config.attributes)
        away = (found - wanted).abs() / self.spread
        moved = away[rows, swap.dimension]
        strayed = (away * self.stays[swap.dimension]).sum(1)
        keys = keys_of(batch.tokens, self.config.model.hold, self.low)
        return {
            "swap": moved.mean(),
            "stay": strayed.mean(),
            "key": 1 - expected.in_key(chances, keys).mean(),
            "undecided": (chances.struck * (1 - chances.struck)).mean(),
        }

    def wanted(self, own: Tensor, notes: Tensor, swap: HouseSwap) -> Tensor:
        """Attributes [B, A] with one of each row set to its value, the others as they were, and
        all as far as so many notes [B] can."""
        turned = own.scatter(1, swap.dimension[:, None], swap.value[:, None])
        of = dict(zip(self.config.attributes, turned.unbind(1), strict=True))
        of["density"] = notes / len(self.weight)
        asked = (of["range"] * RANGE).round(), (of["contour"] * RANGE).round()
        width, rise = obeying.possible(*asked, notes)
        of["range"], of["contour"] = width / RANGE, rise / RANGE
        least, most = (self.sums(notes, descending=d) for d in (False, True))
        of["rhythm"] = of["rhythm"].clamp(least, most)
        return torch.stack([of[name] for name in self.config.attributes], 1)

    def sums(self, notes: Tensor, *, descending: bool) -> Tensor:
        """The rhythm [B] of so many notes on the least or on the most complex places."""
        weights = self.weight.sort(descending=descending).values.cumsum(0) / self.weight.sum()
        return F.pad(weights, (1, 0))[notes]

    def chances(self, heads: Heads, notes: Tensor) -> Chances:
        """What the heads say, their logits `sharp` times as large, of so many notes [B]."""
        sharp = self.config.sharp
        struck = torch.sigmoid(sharp * level(heads.struck, notes, sharp))
        pitch = (sharp * heads.pitch).softmax(2)
        return Chances(struck, pitch, self.weight.to(struck), self.low)

    def watched(self, model: LatentModel, tokens: Tensor) -> Figures:
        return {}

    def score(self, figures: Figures) -> float:
        """The last weights are the best: the swap has its whole weight only in the end."""
        return figures["epoch"]

    def finished(self, history: Sequence[Figures]) -> bool:
        return False


def objective(config: HouseRun, encoding: Encoding, attributes: Floats) -> Objective:
    """`attributes` [N, A]: those of the training windows."""
    itself = np.eye(attributes.shape[1], dtype=np.bool_)
    tied = itself | (np.abs(correlation(attributes, attributes)) > TIED)
    spread = attributes.std(0)
    return Objective(
        config,
        torch.tensor(metrical_weights(encoding.grid), dtype=torch.float32),
        encoding.vocabulary.low,
        tuple(
            lattice(name, column, encoding)
            for name, column in zip(config.attributes, attributes.T, strict=True)
        ),
        torch.tensor(np.where(spread > STILL, spread, 1.0), dtype=torch.float32),
        torch.tensor(~tied, dtype=torch.float32),
    )


def lattice(name: str, seen: Floats, encoding: Encoding) -> Tensor:
    """Values on an attribute's grain, over half as much again as the style has; no silence."""
    attribute = ATTRIBUTES[name]
    step = attribute.grain / attribute.scale(encoding.grid)
    low, high = (round(STRETCH * float(end) / step) for end in (seen.min(), seen.max()))
    low = max(low, 1) if name == "density" else low
    return torch.arange(low, high + 1, dtype=torch.float32) * step


def unlikelihood(heads: Heads, tokens: Tensor, hold: int) -> Tensor:
    """−log p of tokens [B, T], in nats a step: struck or not, and then which pitch, or silence.

    Pitches are the tokens below `hold`, and a rest is the one after it.
    """
    struck = (tokens < hold).float()
    first = F.binary_cross_entropy_with_logits(heads.struck, struck, reduction="none")
    silence = (tokens > hold).float()
    silent = F.binary_cross_entropy_with_logits(heads.silent, silence, reduction="none")
    pitch = F.cross_entropy(heads.pitch.mT, tokens.clamp(max=hold - 1), reduction="none")
    return (first + torch.where(struck > 0, pitch, silent)).mean()


def free_bits(mu: Tensor, log_sigma: Tensor, free: float) -> Tensor:
    """KL in nats, summed over dimensions; one of less than `free` costs no less than that.

    Kingma et al. 2016: what a dimension may say for nothing keeps it from falling silent.
    """
    each = 0.5 * (mu**2 + (2 * log_sigma).exp() - 1 - 2 * log_sigma)
    return each.mean(0).clamp(min=free).sum()


def keys_of(tokens: Tensor, hold: int, low: int) -> Tensor:
    """The keys that hold most of the notes of windows [B, T], among 24 [B, 24] (`coherence`)."""
    scales = torch.as_tensor(coherence.KEYS, dtype=torch.float32, device=tokens.device)
    classes = F.one_hot((tokens + low) % 12, 12).float()
    fit = (classes * (tokens < hold)[..., None]).sum(1) @ scales.T
    return fit == fit.max(1, keepdim=True).values
