"""How sure a decoder is: large among the encodings, next to nothing far from them (Yang & Hauberg
2018, eq. 6; Que & Belkin 2016)."""

from __future__ import annotations

import torch
from sklearn.cluster import KMeans
from torch import Tensor, nn

CENTRES = 64
REACH = 2.0  # the bandwidth, in mean distances from an encoding to its centre: neighbours overlap


class Precision(nn.Module):
    """g(z) = 1/σ²(z) = W exp(−γ |z − z̄|²) + floor, W > 0."""

    centres: Tensor  # z̄ [K, Z]
    gamma: Tensor
    floor: Tensor

    def __init__(self, encodings: Tensor, outputs: int, floor: float, count: int = CENTRES) -> None:
        """encodings [N, Z]: where its centres lie, by k-means.

        floor: what is left where nothing is known; with 0 the deviation would have no bound. The
        precision of the data as a whole says no more than that it is such data.
        """
        super().__init__()
        found = KMeans(min(count, len(encodings)), random_state=0, n_init="auto").fit(
            encodings.numpy()
        )
        centres = torch.as_tensor(found.cluster_centers_, dtype=encodings.dtype)
        apart = torch.cdist(encodings, centres).amin(1).mean()
        self.register_buffer("centres", centres)
        self.register_buffer("gamma", 1 / (2 * (REACH * apart) ** 2))
        self.register_buffer("floor", torch.tensor(floor))
        self.log_weight = nn.Parameter(torch.zeros(outputs, len(centres)))  # so that W > 0

    def forward(self, z: Tensor) -> Tensor:
        """1/σ² of each output: z [M, Z] → [M, D]."""
        return self.near(z) @ self.log_weight.exp().T + self.floor

    def near(self, z: Tensor) -> Tensor:
        """exp(−γ |z − z̄|²): z [M, Z] → [M, K]."""
        far = z.square().sum(1, keepdim=True) - 2 * z @ self.centres.T
        return torch.exp(-self.gamma * (far + self.centres.square().sum(1)))

    def sigma(self, z: Tensor) -> Tensor:
        """σ: z [M, Z] → [M, D]."""
        return self(z).rsqrt()

    def sure(self, z: Tensor) -> Tensor:
        """One number for all outputs, the mean of g: z [M, Z] → [M]."""
        return self(z).mean(1)


def fit(
    precision: Precision, z: Tensor, error: Tensor, steps: int = 500, lr: float = 0.05
) -> float:
    """Make the errors x − μ(z) [N, D] at z [N, Z] as likely as can be, with μ as it is.

    Returns the nats that are left, a mean over N · D, without the constant.
    """
    with torch.no_grad():  # begin at one precision for all, so that few steps are enough
        weight = 1 / error.square().mean() / precision.near(z).sum(1).mean()
        precision.log_weight.fill_(weight.log().item())
    optimiser = torch.optim.Adam(precision.parameters(), lr=lr)
    nats = torch.zeros(())
    for _ in range(steps):
        g = precision(z)
        nats = (g * error.square() - g.log()).mean() / 2
        optimiser.zero_grad()
        nats.backward()
        optimiser.step()
    return nats.item()
