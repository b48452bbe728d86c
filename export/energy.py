"""`energy.onnx`: what a path between two points costs, with its gradient, so that the service can
look for a better one without torch.

The house model's decoder is products of matrices, whose gradient ONNX can say; the others feed
tokens back, and their presets have no such graph.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.fx.experimental.proxy_tensor import make_fx

from export.onnx import to_onnx
from presets.encoding import Tokens
from presets.graphs import ENERGY
from presets.preset import Arrays
from training import latent
from training.geodesics.curve import Ends, curve
from training.geodesics.solve import unsure
from training.geodesics.tokens import SHIPPED, STRETCHES, Near, energies, mixed
from training.models.chances import chances
from training.models.house import HouseVAE
from training.models.latent_model import LatentModel

ENCODED = 5000  # windows among whose encodings a path is to stay
OUTPUTS = ("energy", "gradient", "ridge", "ridge_gradient")

Cost = Callable[[Tensor, Tensor, Tensor], Tensor]  # a, start, end [Z] → a number


class PathGraph(nn.Module):
    """a, start, end [Z] → the energy of the path with that bend, its gradient [Z]; and how unsure
    the model is along it, which a first stage descends (Yang & Hauberg 2018, "Warm-starting")."""

    def __init__(self, model: HouseVAE, near: Near) -> None:
        super().__init__()
        self.model, self.near = model, near
        self._energy = energies(mixed(lambda z: chances(model, z), near))[SHIPPED]

    def forward(self, a: Tensor, start: Tensor, end: Tensor) -> tuple[Tensor, ...]:
        gradient, energy = torch.func.grad_and_value(self.energy)(a, start, end)
        slope, ridge = torch.func.grad_and_value(self.ridge)(a, start, end)
        return energy, gradient, ridge, slope

    def energy(self, a: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """For each step of the grid, so that it is a small number for any length of a window."""
        return self._energy(_path(a, start, end))[0] / self.model.config.steps

    def ridge(self, a: Tensor, start: Tensor, end: Tensor) -> Tensor:
        return unsure(_path(a, start, end), self.near.sure)[0]


def graph_of(model: LatentModel, windows: Tokens, golden: Arrays) -> tuple[bytes, Arrays] | None:
    """The graph, and what torch makes of golden paths; None of a model that cannot have one.

    windows: those that were learnt from [N, T]; golden z: paths go from each to the next.
    """
    if not isinstance(model, HouseVAE):
        return None
    module = PathGraph(model, _near(model, windows)).eval().requires_grad_(False)
    start = torch.from_numpy(np.asarray(golden["z"], np.float32))
    given = {"a": start.roll(2, 0), "start": start, "end": start.roll(1, 0)}
    first = {name: rows[0] for name, rows in given.items()}
    found = [module(*row) for row in zip(*given.values(), strict=True)]
    arrays = given | dict(zip(OUTPUTS, map(torch.stack, zip(*found, strict=True)), strict=True))
    traced = make_fx(module)(*first.values()).eval()
    return to_onnx(ENERGY, traced, first, list(OUTPUTS)), {
        f"{ENERGY}/{name}": rows.numpy() for name, rows in arrays.items()
    }


def _near(model: HouseVAE, windows: Tokens) -> Near:
    some = np.random.default_rng(0).permutation(len(windows))[:ENCODED]
    mu, _ = latent.encode(model, windows[some])
    return Near(torch.from_numpy(mu))


def _path(a: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """[1, STRETCHES + 1, Z]"""
    return curve(Ends(start[None], end[None]), a[None], STRETCHES)
