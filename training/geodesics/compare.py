"""Our curves beside other ways to find a path, with noise drawn once: the shortest of all on a
grid, and stochman's splines."""

from __future__ import annotations

import torch
from torch import Tensor

from training.geodesics import grid, oracle
from training.geodesics.curve import Ends, curve, line
from training.geodesics.measure import Bench, Figures, seconds
from training.geodesics.pairs import LOOKS
from training.geodesics.solve import solve

NEAR = 1.1  # of another's energy: as good
TIMED = 10  # single pairs


def shortest(made: Bench) -> Figures:
    """Energies over those of the shortest ways, of pairs that a gap in a moon lies between."""
    theirs = grid.energies(made.trained.decoder, made.around, grid.SIDE)
    return {
        **_beside(ours(made, made.around) / theirs, "grid"),
        **_beside(eq_3(made, line(made.around, LOOKS)) / theirs, "grid, lines"),
    }


def splines(made: Bench) -> Figures:
    """Energies over those of splines, of any two encodings and of pairs around a gap; the
    milliseconds that either takes for a pair. Raises GlissarError."""
    found: Figures = {}
    for name, ends in {"any": made.pairs, "around": made.around}.items():
        theirs = eq_3(made, oracle.splines(made.trained.decoder, ends, LOOKS))
        found |= _beside(ours(made, ends) / theirs, name)
    return found | times(made)


def times(made: Bench) -> Figures:
    """Milliseconds for one pair, alone and among all those around a gap, ours and stochman's."""
    embed, every, found = made.trained.decoder, made.around, dict[str, float]()
    for name, find in {
        "ours": lambda ends: solve(ends, made.energy("once"), made.ridges, made.fit),
        "stochman's": lambda ends: oracle.splines(embed, ends, LOOKS),
    }.items():
        singles = iter(every.start.split(1)[:TIMED]), iter(every.stop.split(1)[:TIMED])
        one = seconds(lambda of=find, pair=singles: of(Ends(*map(next, pair))), TIMED)
        found[f"{name} alone ms"] = 1e3 * one
        found[f"{name} ms"] = 1e3 * seconds(lambda of=find: of(every), 3) / len(every.start)
    return found


def ours(made: Bench, ends: Ends) -> Tensor:
    """Eq. 3's numbers of our curves [B]."""
    found = solve(ends, made.energy("once"), made.ridges, made.fit)
    return eq_3(made, curve(ends, found.bend, LOOKS))


@torch.no_grad()
def eq_3(made: Bench, paths: Tensor) -> Tensor:
    """[B, N + 1, Z] → [B]."""
    return (paths.shape[1] - 1) * made.energy("once")(paths)


def _beside(ratio: Tensor, name: str) -> Figures:
    near = (ratio <= NEAR).double().mean().item()
    return {f"{name}": ratio.median().item(), f"{name} near": near}
