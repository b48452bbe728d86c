"""Critics and actors of a latent space (Engel, Hoffman & Roberts 2018): what holds where, and how
to get there.

A critic tells from a point z whether something holds of what is decoded there; an actor moves a
point to where the critics say that it does, as little as it must. Both are small, and the model
whose latent space it is stays as it was.

Shapes: B batch, Z latent, Y conditions (0 where there are none).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, cast

import torch
from msgspec import Meta, Struct
from torch import Tensor, nn
from torch.nn import functional as F

SMALLEST = (
    1e-3  # σ̄ of a dimension counts as no less: one that is all but exact would weigh a million
)


REACH = 3.0  # standard deviations of the prior: farther out, nothing is known of what is decoded


class Net(Struct, frozen=True, forbid_unknown_fields=True):
    """Appendix, Fig. 12: 4 layers of 2048; the small one of Table 1 has 3 of 256."""

    width: Annotated[int, Meta(ge=1)] = 256
    layers: Annotated[int, Meta(ge=1)] = 3


class Layers(nn.Module):
    """z and, through a layer of its own, what is asked for → ReLU layers → `out` numbers."""

    def __init__(self, net: Net, z: int, conditions: int, out: int) -> None:
        super().__init__()
        self.condition = nn.Linear(conditions, net.width) if conditions else None
        widths = [z + (net.width if conditions else 0), *[net.width] * net.layers]
        hidden = [nn.Linear(a, b) for a, b in pairwise(widths)]
        self.hidden = nn.ModuleList(hidden)
        self.out = nn.Linear(net.width, out)

    @property
    def layers(self) -> list[nn.Linear]:
        """Those before the last one."""
        return cast(list[nn.Linear], list(self.hidden))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        if self.condition is not None:
            assert y is not None, "this net was made for conditions"
            z = torch.cat([z, self.condition(y)], 1)
        for layer in self.layers:
            z = F.relu(layer(z))
        return self.out(z)


class Critic(Layers):
    """z [B, Z], y [B, Y] → the logit of each of `judges` chances [B, judges]."""

    def __init__(self, net: Net, z: int, conditions: int = 0, judges: int = 1) -> None:
        super().__init__(net, z, conditions, judges)


class Actor(Layers):
    """z [B, Z], y [B, Y] → z′ [B, Z] = (1 − gates) · z + gates · δz.

    A closed gate leaves a dimension as it is, so that a net has to learn only what must move. δz is
    held within REACH, of which the paper does not speak: without that, a small λ_dist lets an actor
    go to where its critic knows nothing.
    """

    def __init__(self, net: Net, z: int, conditions: int = 0) -> None:
        super().__init__(net, z, conditions, 2 * z)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        there, opening = super().forward(z, y).chunk(2, 1)
        there = REACH * torch.tanh(there / REACH)
        return z + torch.sigmoid(opening) * (there - z)


def believed(logit: Tensor, chance: Tensor) -> Tensor:
    """Mean cross-entropy of logits with what was found, 0 … 1, of the same shape.

    For labels 1 and 0 these are the paper's L_{c=1} = −log D and L_{c=0}, which it misprints as
    −(1 − log D); it is −log(1 − D). For a rule's score between them it is section 6's critic.
    """
    return F.binary_cross_entropy_with_logits(logit, chance)


def satisfied(logit: Tensor) -> Tensor:
    """L_{c=1}(z) = −log D(z), the mean."""
    return F.softplus(-logit).mean()


def distance(moved: Tensor, z: Tensor, scale: Tensor) -> Tensor:
    """L_dist(z′, z) = Σ σ̄_z⁻² log(1 + (z′ − z)²) [B]; scale [Z]: σ̄_z, the encoder's mean σ.

    A dimension that encodings pin down weighs more than one that they leave open.
    """
    return (torch.log1p((moved - z) ** 2) / scale.clamp(min=SMALLEST) ** 2).sum(1)


def steepness(critic: nn.Module, a: Tensor, b: Tensor, y: Tensor) -> Tensor:
    """The gradient penalty of Gulrajani et al. 2017, mean (‖∇D‖ − 1)² on points between a and b,
    each [B, Z], under y [B, Y].

    D is the logit, of which the paper does not speak: a sigmoid's slope cannot reach 1.
    """
    between = torch.lerp(a, b, torch.rand(len(a), 1, device=a.device)).detach().requires_grad_()
    total = critic(between, y).sum()
    (slope,) = torch.autograd.grad(total, between, create_graph=True)
    return ((slope.norm(dim=1) - 1) ** 2).mean()
