"""What a path costs whose points decode to melodies: three energies, of which one is shipped.

A Gaussian decoder's steps cost E |x − x′|² (Yang & Hauberg 2018, eq. 4). Of tokens as one-hot
vectors, drawn anew at each point from p and q, that is 2 (1 − p · q) for every step of the grid:
`drawn`. It holds being unsure against a point, as σ does in eq. 4. Without that, what is left is
|p − q|²: `expected`. The Fisher-Rao metric's is |2√p − 2√q|²: `fisher`.

Far from all encodings a decoder is as sure of itself as anywhere. There chances go over into those
of a draw from all tokens alike, by how near the encodings are (eq. 6's network, with one weight).

Shapes: Z latent, M points, N stretches of a path, T steps, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from training.geodesics.energy import Energy, energy, squared
from training.geodesics.precision import Precision

SHIPPED = "drawn"
STRETCHES = 8  # N: twice as many find no better paths, and take twice as long
LITTLE = 1e-9  # chances are kept so far from 0 where a root is taken

Chances = Callable[[Tensor], Tensor]  # points [M, Z] → chances [M, T, V]


class Near(nn.Module):
    """How near encodings are: 1 where the middle one of them is or nearer, 0 far from all."""

    typical: Tensor

    def __init__(self, encodings: Tensor) -> None:
        """encodings [N, Z] of windows that were learnt from."""
        super().__init__()
        self.precision = Precision(encodings, 1, 0.0)
        self.register_buffer("typical", self.precision.near(encodings).sum(1).median())

    def forward(self, z: Tensor) -> Tensor:
        """z [M, Z] → [M]."""
        return self.sure(z).clamp(max=1)

    def sure(self, z: Tensor) -> Tensor:
        """The same without a bound, so that it has a ridge to be climbed: z [M, Z] → [M]."""
        return self.precision.near(z).sum(1) / self.typical


def mixed(chances: Chances, near: Near) -> Chances:
    """Chances that know nothing where no encoding is near."""

    def of(z: Tensor) -> Tensor:
        found, known = chances(z), near(z)[:, None, None]
        return known * found + (1 - known) / found.shape[2]

    return of


def energies(chances: Chances) -> Mapping[str, Energy]:
    """By name, of paths [B, N + 1, Z]."""

    def flat(z: Tensor) -> Tensor:
        return chances(z).flatten(1)

    def roots(z: Tensor) -> Tensor:
        return 2 * (flat(z) + LITTLE).sqrt()

    return {
        "drawn": energy(flat, drawn),
        "expected": energy(flat, squared),
        "fisher": energy(roots, squared),
    }


def drawn(here: Tensor, there: Tensor) -> Tensor:
    """E |x − x′|² of one-hot tokens drawn by chances [B, N, T · V] → [B, N].

    Chances of a step sum to 1, so that their own sum counts the steps.
    """
    return 2 * (here.sum(-1) - (here * there).sum(-1))
