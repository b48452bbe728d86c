"""What a window's tokens are, read off inside a graph: the four attributes, and their styles.

The very quantities of `presets.attributes`, whose lattices are even: notes and semitones can be
counted, and rhythm's sums of weights lie close enough together for any grain.
Shapes: B windows, T steps.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from presets.attributes import RANGE
from training.models.style import Style

FINE = 512  # rhythm's values
TINY = 1e-9


class Reader(nn.Module):
    """`names` are the attributes that are read, in the order of their dimensions."""

    weights: Tensor  # [T], metrical complexity, summing to 1
    tie: Tensor  # how far density's place goes for every 1 of rhythm's, in the style

    def __init__(self, names: tuple[str, ...], weights: tuple[float, ...], pitches: int) -> None:
        super().__init__()
        self.names, self.pitches = names, pitches
        steps, span = len(weights), pitches - 1
        sizes = {
            "rhythm": (0.0, 1 / FINE, FINE + 1),
            "range": (0.0, 1 / RANGE, pitches),
            "density": (0.0, 1 / steps, steps + 1),
            "contour": (-span / RANGE, 1 / RANGE, 2 * span + 1),
        }
        self.styles = nn.ModuleDict({f"{name}_": Style(*sizes[name]) for name in names})
        share = torch.tensor(weights) / sum(weights)
        self.register_buffer("weights", share, persistent=False)
        self.register_buffer("tie", torch.zeros(()))

    def style(self, name: str) -> Style:
        found = self.styles[f"{name}_"]
        assert isinstance(found, Style)
        return found

    def learn(self, seen: NDArray[np.float64]) -> None:
        """Take the styles from attributes [N, A] of the style's windows."""
        for name, column in zip(self.names, seen.T, strict=True):
            self.style(name).learn(column)
        if {"rhythm", "density"} <= set(self.names):
            rhythm, density = (
                self.style(name).place(torch.as_tensor(seen[:, self.names.index(name)])).double()
                for name in ("rhythm", "density")
            )
            away = rhythm - rhythm.mean()
            self.tie.copy_((away * density).sum() / (away**2).sum().clamp(min=TINY))

    def forward(self, tokens: Tensor) -> Tensor:
        """The places [B, A] of windows int64 [B, T]."""
        values = self.read(tokens)
        return torch.stack([self.style(n).place(values[n]) for n in self.names], 1)

    def read(self, tokens: Tensor) -> dict[str, Tensor]:
        """Attributes [B], in the scale of `presets.attributes.measure`."""
        struck = tokens < self.pitches
        highest = torch.where(struck, tokens, -1).amax(1)
        lowest = torch.where(struck, tokens, self.pitches).amin(1)
        sounding = struck.any(1)
        steps = torch.arange(tokens.shape[1], device=tokens.device)
        first = (struck * (len(steps) - steps)).argmax(1, keepdim=True)
        last = (struck * (1 + steps)).argmax(1, keepdim=True)
        rise = (tokens.gather(1, last) - tokens.gather(1, first))[:, 0]
        return {
            "rhythm": (struck * self.weights).sum(1),
            "range": (highest - lowest) * sounding / RANGE,
            "density": struck.sum(1) / tokens.shape[1],
            "contour": rise * sounding / RANGE,
        }
