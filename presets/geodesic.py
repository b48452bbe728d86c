"""Geodesic: the natural path between two points of a latent space (Yang & Hauberg 2018).

A straight line between two melodies leads through places that decode to neither and to nothing in
between. The energy of a path is what its steps change, and how unsure the decoder is on the way; of
the curves that are quadratic in every dimension (eq. 5) the one with the least is sought. What an
energy is, its graph knows: nothing here knows of networks.

Shapes: Z latent, N points or times.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from presets.encoding import Tokens

Z = NDArray[np.float32]
Floats = NDArray[np.float64]
Energy = Callable[[Z], tuple[float, Z]]  # a bend [Z] → the path's energy, its gradient [Z]
Way = Callable[[Floats], Z]  # times [N] from 0 to 1 → points [N, Z]
Decode = Callable[[Z], Tokens]  # points [N, Z] → tokens [N, T], all with the same noise

STEPS, RATE, LAST = 30, 1.0, 0.1  # of Adam; its rate falls evenly to a tenth
MEAN, SQUARE, TINY = 0.9, 0.999, 1e-8
PLACES = 64  # stretches of a path that are listened to


def points(start: Z, end: Z, bend: Z, times: Floats) -> Z:
    """Of a path, at times [N] from 0 to 1 [N, Z]; without a bend [Z] it is the straight line.

    The bend is the a of a t² + b t + c, the one unknown that the ends leave; both ends are exact.
    """
    t = times[:, None]
    return ((1 - t) * start + t * end + t * (t - 1) * bend).astype(np.float32)


def solve(energy: Energy, size: int, steps: int = STEPS) -> Z:
    """The bend [size] of least energy among those that a descent from the straight line meets.

    The line is the first of them, so that no path costs more than it.
    """
    bend, mean, square = np.zeros(size), np.zeros(size), np.zeros(size)
    best, least = np.zeros(size, np.float32), np.inf
    for step in range(steps + 1):
        here = bend.astype(np.float32)
        value, slope = energy(here)
        if value < least:
            best, least = here, value
        mean += (1 - MEAN) * (slope - mean)
        square += (1 - SQUARE) * (slope.astype(np.float64) ** 2 - square)
        rate = RATE * (1 - (1 - LAST) * step / steps) / (1 - MEAN ** (step + 1))
        bend -= rate * mean / (np.sqrt(square / (1 - SQUARE ** (step + 1))) + TINY)
    return best


def even(way: Way, decode: Decode) -> Floats:
    """Times [PLACES + 1], from 0 to 1, between which the decoding changes by as many tokens each,
    as near as can be.

    Melodies change by whole notes, and a path has stretches where nothing does: a knob that went
    evenly along it would wait there.
    """
    times = np.linspace(0, 1, PLACES + 1)
    tokens = decode(way(times))
    changes = (tokens[1:] != tokens[:-1]).sum(1)
    heard = np.concatenate([[0.0], np.cumsum(changes + TINY)])
    return np.interp(times, heard / heard[-1], times)


def at(place: float, times: Floats) -> float:
    """The time at which a knob from 0 to 1 is, by what `even` found."""
    return float(np.interp(place, np.linspace(0, 1, len(times)), times))
