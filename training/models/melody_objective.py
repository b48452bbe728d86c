"""What the melody VAE descends (Engel, Hoffman & Roberts 2018, eq. 1): its bound, in nats a window.

The paper wants good reconstructions, whatever becomes of draws from the prior (§2): latent
constraints find the places that decode well. So KL weighs little; it may come in slowly, and
dimensions may say a little for nothing, lest the decoder, which hears its own tokens, forget z.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.config import MelodyRun
from training.models.house_objective import free_bits
from training.models.latent_model import LatentModel, Pass
from training.objective import Batch, Figures, Losses

BLOCK = 256  # validation windows at a time


@dataclass(frozen=True)
class Objective:
    """The weights that reconstruct unseen windows best are kept."""

    config: MelodyRun

    def losses(self, model: nn.Module, batch: Batch) -> Losses:
        terms = self.terms(model(batch.tokens), batch.tokens)
        weights, weight = self.config.weights, self.weight(batch.epoch)
        return Losses(
            weights.reconstruction * terms["reconstruction"] + weight * terms["kl"], terms
        )

    def terms(self, out: Pass, tokens: Tensor) -> dict[str, Tensor]:
        """Unweighted: −log p(x|z), summed over the window, and KL; means over the batch."""
        nats = F.cross_entropy(out.logits.transpose(1, 2), tokens, reduction="none")
        kl = free_bits(out.mu, out.log_sigma, self.config.free_bits)
        return {"reconstruction": nats.sum(1).mean(), "kl": kl}

    def weight(self, epoch: float) -> float:
        """β: 0 at first, the config's from its `ramp` on."""
        slow = self.config.ramp * self.config.epochs
        return self.config.weights.kl * (min(1.0, epoch / slow) if slow else 1.0)

    @torch.no_grad()
    def watched(self, model: LatentModel, tokens: Tensor) -> Figures:
        """Both terms on unseen windows [N, T], always by the same draws."""
        torch.manual_seed(0)  # the loop seeds every epoch anew
        sums: Figures = {}
        for block in tokens.split(BLOCK):
            for name, term in self.terms(model(block), block).items():
                share = float(term) * len(block) / len(tokens)
                sums[f"unseen {name}"] = sums.get(f"unseen {name}", 0.0) + share
        return sums

    def score(self, figures: Figures) -> float:
        return figures["accuracy"]

    def finished(self, history: Sequence[Figures]) -> bool:
        return False
