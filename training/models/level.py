"""One number for all logits of a window, such that so many of its steps are to be expected."""

from __future__ import annotations

import torch
from torch import Tensor

HALVINGS = 20  # of the interval in which it is sought, before one step of Newton's
MARGIN = 12.0  # nats beyond the logits that the interval has to either side
FEW = 0.01  # the number is kept so far from none and from all
FLAT = 1e-4  # a sum of slopes is taken for no less


def level(logits: Tensor, count: Tensor, sharp: float = 1.0) -> Tensor:
    """logits [B, T], how many [B] → logits + θ with Σ sigmoid(sharp · (logits + θ)) = count.

    θ's own gradient is exact: it is that of a step of Newton's from where the search ends.
    """
    wanted = count.to(logits).clamp(FEW, logits.shape[1] - FEW)[:, None]
    with torch.no_grad():
        low = -logits.amax(1, keepdim=True) - MARGIN / sharp
        high = -logits.amin(1, keepdim=True) + MARGIN / sharp
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            few = torch.sigmoid(sharp * (logits + middle)).sum(1, keepdim=True) < wanted
            low, high = torch.where(few, middle, low), torch.where(few, high, middle)
        found = (low + high) / 2
        chance = torch.sigmoid(sharp * (logits + found))
        slope = (sharp * chance * (1 - chance)).sum(1, keepdim=True).clamp(min=FLAT)
    over = torch.sigmoid(sharp * (logits + found)).sum(1, keepdim=True) - wanted
    return logits + found - over / slope
