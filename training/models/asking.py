"""What a point asks of a line: how many notes, how wide, how far up, as far as so many can.

All of it is counted off the followed dimensions in one product: a value of an attribute is how many
of its style's middles (between two places) the point has passed. Two sums of such counts are the
number of notes, and the row of a table that has what is possible for everything that can be asked.

Shapes: B windows, V middles of range, contour and density together.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.models.obeying import Line, possible
from training.models.reader import Reader

KINDS = 3  # of numbers of notes, for a line: no more than one, two, and more


class Asked(NamedTuple):
    notes: Tensor  # float32 [B, 1, 1]
    line: Line


class Asking(nn.Module):
    dimension: Tensor  # int64 [V], of each middle
    counts: Tensor  # [V, 2], what passing each one adds to the table's row, and to the notes
    lines: Tensor  # int64 [P · (2P − 1) · KINDS, 3], by width, rise and kind: a Line

    def __init__(self, follow: tuple[str, ...], steps: int, pitches: int) -> None:
        super().__init__()
        rises = 2 * pitches - 1
        row = {"range": [rises * KINDS] * (pitches - 1), "contour": [KINDS] * (rises - 1)}
        row["density"] = [0, *[1] * (KINDS - 1), *[0] * steps][:steps]
        index = [follow.index(name) for name, rows in row.items() for _ in rows]
        rows = torch.tensor([float(n) for rows in row.values() for n in rows])
        notes = torch.cat([torch.zeros(len(rows) - steps), torch.ones(steps)])
        self.register_buffer("dimension", torch.tensor(index), persistent=False)
        self.register_buffer("counts", torch.stack([rows, notes], 1), persistent=False)
        self.register_buffer("lines", _lines(pitches), persistent=False)
        self.order = tuple(row)

    def forward(self, z: Tensor, reader: Reader) -> Asked:
        """z [B, Z], places in the styles of `reader`."""
        middles = torch.cat([reader.style(name).middles for name in self.order])
        passed = z.index_select(1, self.dimension) > middles
        row, notes = (passed.float() @ self.counts).split(1, 1)
        return Asked(notes[..., None], Line(*F.embedding(row.long(), self.lines).split(1, 2)))


def _lines(pitches: int) -> Tensor:
    width, rise = torch.arange(pitches), torch.arange(1 - pitches, pitches)
    kinds = torch.arange(KINDS) + 1
    width, rise = possible(*torch.meshgrid(width, rise, kinds, indexing="ij"))
    return torch.stack([width, rise.abs(), (rise < 0).long()], 3).view(-1, 3)
