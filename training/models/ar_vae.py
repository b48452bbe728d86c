"""AR-VAE (Pati & Lerch 2021): a latent dimension that rises wherever its attribute rises.

Where several processes share a batch, its pairs are still all pairs of the whole batch. The other
two losses are means over windows, so that averaging the processes' gradients, as DDP does, gives
those of one process with the whole batch: up to rounding, and to each process's own random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional as F

from training.config import RunConfig
from training.models.latent_model import LatentModel, Pass
from training.objective import Batch, Figures, Losses


@dataclass(frozen=True)
class Objective:
    """What a run of AR-VAE descends; the weights that reconstruct best are kept."""

    config: RunConfig

    def losses(self, model: nn.Module, batch: Batch) -> Losses:
        out = model(batch.tokens, forced=batch.coin < self.config.forced)
        terms = losses(out, batch.tokens, batch.attributes, self.config.delta)
        weighted = [getattr(self.config.weights, name) * term for name, term in terms.items()]
        return Losses(torch.stack(weighted).sum(), terms)

    def watched(self, model: LatentModel, tokens: Tensor) -> Figures:
        return {}

    def score(self, figures: Figures) -> float:
        return figures["accuracy"]

    def finished(self, history: Sequence[Figures]) -> bool:
        return False


def losses(out: Pass, tokens: Tensor, attributes: Tensor, delta: float) -> dict[str, Tensor]:
    """The terms of eq. 9, unweighted. tokens [B, T]; attributes [B, A], in the order of z.

    reconstruction: nats a token, mean over B·T; kl: nats, summed over Z, mean over B;
    regularisation: summed over attributes, on the sampled z.
    """
    z, attributes = whole_batch(out.z), whole_batch(attributes)
    pairs = zip(z.unbind(1), attributes.unbind(1), strict=False)  # dimension i follows name i
    return {
        "reconstruction": F.cross_entropy(out.logits.flatten(0, 1), tokens.flatten()),
        "kl": divergence(out.mu, out.log_sigma).mean(),
        "regularisation": torch.stack([regularisation(z, a, delta) for z, a in pairs]).sum(),
    }


def regularisation(z: Tensor, a: Tensor, delta: float) -> Tensor:
    """L_{r,a} (eqs. 6 to 8) of one dimension z [B] and one attribute a [B].

    The mean over all B² ordered pairs of |tanh(δ·(z_i − z_j)) − sgn(a_i − a_j)|, ties and the
    diagonal included. Only the order of `a` matters.
    """
    z_rises = z[:, None] - z[None]
    a_rises = a[:, None] - a[None]
    return (torch.tanh(delta * z_rises) - torch.sign(a_rises)).abs().mean()


def whole_batch(rows: Tensor) -> Tensor:
    """The rows of all W processes that share a batch, [B / W, n] → [B, n]; of one, its own.

    The others' rows are constants here, and the processes' gradients will be averaged: one's own
    count W times, so that the mean is the gradient along every row.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return rows
    fixed, own = rows.detach().contiguous(), distributed.get_rank()
    found = [torch.empty_like(fixed) for _ in range(distributed.get_world_size())]
    distributed.all_gather(found, fixed)
    found[own] = fixed + len(found) * (rows - fixed)
    return torch.cat(found)


def divergence(mu: Tensor, log_sigma: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, I)) in nats [B], summed over the dimensions."""
    return 0.5 * (mu**2 + (2 * log_sigma).exp() - 1 - 2 * log_sigma).sum(1)
