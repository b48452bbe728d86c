"""What a model decodes on a plane through its latent space (Hadjeres et al. 2017, §3.3.1).

g_Z(z) is a quantity of the most likely window at z (eq. 13): what a player hears, where training
knows only its expectation. The plane is (z_1, z_2, 0, …, 0) (eq. 14), z_1 being regularised.
Surfaces are [P, P]: a row is a horizontal line of the paper's figures, along which only z_1 moves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presets.attributes import onsets_of
from presets.encoding import Encoding, Tokens
from training import latent
from training.evaluation.control import spearman
from training.latent import Codes
from training.models.latent_model import LatentModel

Floats = NDArray[np.float64]

AXIS = np.linspace(-3, 3, 61)  # of both coordinates; the paper does not say how far it looks
RISING = 0.95  # Spearman's ρ above which a line counts as rising
NEAR = 0.5  # units of z in which a jump takes place


class Direction(NamedTuple):
    """A dimension of z; sign −1 where the notes grow more as it falls."""

    dimension: int
    sign: int = 1

    @property
    def name(self) -> str:
        """As the papers count: from z1."""
        return f"{'−' if self.sign < 0 else ''}z{self.dimension + 1}"

    def of(self, z: Codes) -> Codes:
        """The coordinate [N] of points [N, Z]."""
        return self.sign * z[:, self.dimension]


def plane(size: int, along: Direction, axis: Floats = AXIS) -> Codes:
    """Its points [P, P, Z]: `along` grows within a row; z_1 by rows, or z_2 if `along` is z_1."""
    points = np.zeros((len(axis), len(axis), size), np.float32)
    points[..., along.dimension] = along.sign * axis
    points[..., int(along.dimension == 0)] = axis[:, None]
    return points


def decoded(model: LatentModel, along: Direction, axis: Floats = AXIS) -> Tokens:
    """The most likely window of every point of the plane [P, P, T]."""
    points = plane(model.config.z, along, axis)
    tokens = latent.decode(model, points.reshape(-1, points.shape[-1]))
    return tokens.reshape(len(axis), len(axis), -1)


def played(tokens: Tokens, encoding: Encoding) -> Floats:
    """g: how many notes windows [N, T] strike [N]."""
    return onsets_of(tokens, encoding).count


def highest(tokens: Tokens, encoding: Encoding) -> Floats:
    """Highest pitch struck in windows [N, T], MIDI; NaN where none is [N]."""
    found = onsets_of(tokens, encoding)
    high = np.where(found.struck, found.pitch, -np.inf).max(1)
    return np.where(found.count > 0, high, np.nan)


def lowest(tokens: Tokens, encoding: Encoding) -> Floats:
    """Lowest pitch struck in windows [N, T], MIDI; NaN where none is [N]."""
    found = onsets_of(tokens, encoding)
    low = np.where(found.struck, found.pitch, np.inf).min(1)
    return np.where(found.count > 0, low, np.nan)


def accidentals(tokens: Tokens, encoding: Encoding) -> Floats:
    """Of windows [N, T] by their notes' names [N]: 1 sharps, −1 flats, 0 none; NaN without a note.

    The paper has these three. Where a window has both (as in minor keys), those of more notes
    count; as many of both count as none.
    """
    signs = np.array([(("#" in s) - ("b" in s)) * 1.0 for s in encoding.vocabulary.symbols])
    struck = onsets_of(tokens, encoding).count > 0
    return np.where(struck, np.sign(signs[tokens].sum(1)), np.nan)


Quantity = Callable[[Tokens, Encoding], Floats]
BESIDE: dict[str, Quantity] = {  # what turning the notes' number should leave alone (Fig. 3)
    "highest pitch": highest,
    "lowest pitch": lowest,
    "accidentals": accidentals,
}


def over(quantity: Quantity, tokens: Tokens, encoding: Encoding) -> Floats:
    """A quantity [P, P] of decoded windows [P, P, T]."""
    return quantity(tokens.reshape(-1, tokens.shape[-1]), encoding).reshape(tokens.shape[:-1])


def rising(g: Floats) -> float:
    """The share of the lines of a surface [P, P] with ρ(z_1, g) over .95; a flat one has 0."""
    return float((spearman(g) > RISING).mean())


def monotonicity(g: Floats) -> float:
    """(rises − falls) / (rises + falls) along a line, its mean over the lines that move at all.

    Watcharasupat 2021, as latte-metrics has it. 0 where no line moves.
    """
    moves = np.sign(np.diff(g, axis=1))
    found = np.abs(moves).sum(1)
    lines = moves.sum(1)[found > 0] / found[found > 0]
    return float(lines.mean()) if len(lines) else 0.0


def jump(g: Floats, axis: Floats = AXIS) -> float:
    """The largest rise of a line within half a unit, over its whole range: the median of all lines.

    An even slope over six units has 1/12; two plateaus with a cliff between them (the paper's
    Fig. 6) have more than a half. 0 where the median line does not move.
    """
    near = max(1, round(NEAR / (axis[1] - axis[0])))
    span = np.ptp(g, axis=1)
    steps = (g[:, near:] - g[:, :-near]).max(1)
    return float(np.median(steps / np.where(span > 0, span, np.inf)))
