"""GLSR-VAE's regularised bound (Hadjeres, Nielsen & Pachet 2017, eqs. 8 and 16), in nats a window.

Every term is summed over the window and averaged over the batch, so that they belong to one bound:
−E_q[log p(x|z) + β·R_geo(z)] + β·KL, with β rising from 0 to 1 on both, one sample of z a window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from presets.attributes import ATTRIBUTES
from presets.encoding import Encoding
from training.config import GlsrRun
from training.models import glsr
from training.models.ar_vae import divergence
from training.models.glsr_vae import GlsrPass
from training.models.latent_model import LatentModel
from training.objective import Batch, Figures, Losses

BLOCK = 256  # validation windows at a time: second derivatives take memory


@dataclass(frozen=True)
class Objective:
    """What a run descends. The weights with the best bound on unseen windows, at β = 1, are kept,
    and the run stops where it no longer improves: the paper's early stopping."""

    config: GlsrRun
    slope: float  # μ of r_1, in notes a unit of z_1
    deviation: float  # σ of r_1

    def losses(self, model: nn.Module, batch: Batch) -> Losses:
        rows = self.config.steered or len(batch.tokens)
        out = model(batch.tokens, rows if self.config.weights.regularisation else 0)
        terms, beta = self.terms(out, batch.tokens), self.beta(batch.epoch)
        told = {"beta": torch.tensor(beta, device=out.z.device)}
        return Losses(self.total(terms, beta), terms | _steepness(out) | told)

    def terms(self, out: GlsrPass, tokens: Tensor) -> dict[str, Tensor]:
        """Unweighted: −log p(x|z), KL, and −R_geo with its constant, which can be negative."""
        nats = F.cross_entropy(out.logits.transpose(1, 2), tokens, reduction="none")
        terms = {
            "reconstruction": nats.sum(1).mean(),
            "kl": divergence(out.mu, out.log_sigma).mean(),
        }
        if len(out.slope):
            likely = glsr.log_density(out.slope, self.slope, self.deviation)
            terms["regularisation"] = -likely.mean()
        return terms

    def total(self, terms: dict[str, Tensor], beta: float) -> Tensor:
        """The loss at a β, which reconstruction alone is free of."""
        weights = self.config.weights
        annealed = sum(getattr(weights, n) * terms[n] for n in terms if n != "reconstruction")
        return weights.reconstruction * terms["reconstruction"] + beta * annealed

    def beta(self, epoch: float) -> float:
        """0 at first, 1 from the config's `anneal` epochs on."""
        done = min(1.0, epoch / self.config.anneal) if self.config.anneal else 1.0
        return done**self.config.anneal_power

    def watched(self, model: LatentModel, tokens: Tensor) -> Figures:
        """The terms, the slope and the loss on unseen windows [N, T], always by the same draws."""
        torch.manual_seed(0)  # the loop seeds every epoch anew
        sums: Figures = {}
        for block in tokens.split(BLOCK):
            with torch.enable_grad():
                out = model(block, len(block) if self.config.weights.regularisation else 0)
            terms = self.terms(out, block)
            found = terms | _steepness(out) | {"loss": self.total(terms, 1.0)}
            for name, value in found.items():
                share = float(value.detach()) * len(block) / len(tokens)
                sums[f"unseen {name}"] = sums.get(f"unseen {name}", 0.0) + share
        return sums

    def score(self, figures: Figures) -> float:
        return -figures["unseen loss"]

    def finished(self, history: Sequence[Figures]) -> bool:
        if not history or not self.config.patience:
            return False
        best = max(range(len(history)), key=lambda row: self.score(history[row]))
        since = max(best + 1, math.ceil(self.config.anneal))
        return len(history) - since >= self.config.patience


def objective(config: GlsrRun, encoding: Encoding, attributes: NDArray[np.float64]) -> Objective:
    """`attributes` [N, 1]: the density of the training windows, whose spread may set the slope.

    z_1 has unit variance under the prior, so that slope gives G the data's spread; a much larger
    one does not fit into the prior's range (the paper's Fig. 6).
    """
    spread = ATTRIBUTES["density"].in_units(float(attributes[:, 0].std()), encoding.grid)
    slope = spread if config.slope == "data" else config.slope
    deviation = config.sigma if config.sigma_is == "deviation" else math.sqrt(config.sigma)
    return Objective(config, slope, deviation)


def _steepness(out: GlsrPass) -> dict[str, Tensor]:
    return {"slope": out.slope.mean()} if len(out.slope) else {}
