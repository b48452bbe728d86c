"""What each step of a window may become, as the house model's heads have it, smooth in z.

The decoder writes exactly as many notes as density's dimension asks for, on the steps that come
first in the order of its logits. Here a step is struck by how far it lies over the place in that
order where the notes end, and the place moves evenly with z, so that a path's gradient knows it.

Shapes: B batch, T steps, V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from training.models.house import HouseVAE
from training.models.style import Style

BEYOND = 2.0  # nats over the first of the order, and under the last, where none and all are struck


def chances(model: HouseVAE, z: Tensor) -> Tensor:
    """Of every token at every step, given z [B, Z]: [B, T, V], summing to 1."""
    decoder = model.decoder
    heads = decoder.heads(z)
    notes = _count(model.reader.style("density"), decoder.of(z, "density"))
    struck = torch.sigmoid(heads.struck - _bar(heads.struck, notes))[..., None]
    silent = torch.sigmoid(heads.silent)[..., None]
    pitch = F.softmax(heads.pitch, 2)
    return torch.cat([struck * pitch, (1 - struck) * (1 - silent), (1 - struck) * silent], 2)


def _count(style: Style, place: Tensor) -> Tensor:
    """How many notes a place [B, 1] of density's dimension asks for, and parts of one [B, 1]."""
    low, high = style.places[:-1], style.places[1:]
    return ((place - low) / (high - low)).clamp(0, 1).sum(1, keepdim=True)


def _bar(logits: Tensor, count: Tensor) -> Tensor:
    """What `count` [B, 1] of the logits [B, T] lie over: halfway between two of them in order."""
    order = logits.sort(1, descending=True).values
    ends = order[:, :1] + BEYOND, order[:, -1:] - BEYOND
    halfway = torch.cat([ends[0], (order[:, 1:] + order[:, :-1]) / 2, ends[1]], 1)
    near = torch.arange(halfway.shape[1], device=logits.device)
    return (halfway * (1 - (count - near).abs()).clamp(min=0)).sum(1, keepdim=True)
