"""Constrain: a point moves to where what is asked holds, and what counts is what is heard.

Who moves it is an actor, or a descent along critics. The way there is walked in shares, and the
first point at which the heard window does all that is asked is taken: it is nearest to what was
played. Answers that lean to what was played come before those that do not, and edits of it before
what is decoded as it is; where none does all, the one that does most is taken. A window that does
what is asked already stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from presets.ask import Answer, Decode, Hearing, Z
from presets.attributes import heard_onsets
from presets.constraint import Constraint
from presets.encoding import Tokens
from presets.rules import Rule, Y

SHARES = 8  # points on the way
AGAIN = 4  # times that an actor may move what it has moved
NEAR, WIDE = 32, 0.3  # points around its end, and how far they are off in every dimension


class Demand(NamedTuple):
    """One constraint, with what is chosen in its menus."""

    constraint: Constraint
    y: Y  # [1, Y]
    move: Callable[[Z], Z]  # a point [1, Z] to where it holds
    content: Callable[[Tokens], float]  # of critics that are no known rules: 0 … 1
    amount: float = 1.0  # how much of the way is gone at the most
    again: int = 0  # times that it may be moved from there on, where that does not do

    def rules(self) -> list[tuple[Rule, Y]]:
        """Those that a window itself can be asked, each with its part of y."""
        own = self.constraint.rules()
        return [(rule, self.constraint.part(rule, self.y)) for rule in own]


def constrain(
    point: Z,
    demands: Sequence[Demand],
    hearing: Hearing,
    decoders: Sequence[Decode],
    *,
    full: bool,
) -> Answer:
    """point [Z]: where the knobs have put the window; decoders: the first is tried first; full:
    whether answers play as decoded."""
    rules = [pair for demand in demands for pair in demand.rules()]
    best, most = None, -1.0
    for attempt in _attempts(point, demands, decoders, full):
        heard = hearing.heard(attempt.tokens, full=attempt.full)
        onsets = heard_onsets([heard], hearing.encoding.grid)
        worth = min(
            1.0,
            *(float(rule.score(onsets, y)[0]) for rule, y in rules),
            *(demand.content(heard.tokens) for demand in demands),
        )
        if best is None or worth > most:
            best, most = attempt, worth
        if most >= 1:
            break
    assert best is not None, "a decoder decodes"
    return best


def _attempts(
    point: Z, demands: Sequence[Demand], decoders: Sequence[Decode], full: bool
) -> Iterator[Answer]:
    """The nearest first; what comes late is decoded only when it is asked for."""
    way = _way(point, demands)
    decoded: list[Tokens] = []
    for decode in decoders:
        decoded.append(decode(way))
        yield from (Answer(z, row, full) for z, row in zip(way, decoded[-1], strict=True))
    if all(demand.again for demand in demands):
        near = _near(way[-1])
        for z, row in zip(near, decoders[-1](near), strict=True):
            yield Answer(z, row, full)
    if not full:
        for tokens in decoded:
            yield from (Answer(z, row, True) for z, row in zip(way, tokens, strict=True))


def _near(point: Z) -> Z:
    """Points around one [Z], always the same [NEAR, Z]."""
    steps = np.random.default_rng(0).standard_normal((NEAR, len(point)))
    return (point + WIDE * steps).astype(np.float32)


def _way(point: Z, demands: Sequence[Demand]) -> Z:
    """From the point [Z] to where all demands, one after the other, move it, in shares; then to
    where they move it from there, as often as all of them go again [N, Z]."""
    stations = [point]
    for _ in range(1 + min(demand.again for demand in demands)):
        stations.append(_moved(stations[-1], demands))
    shares = np.linspace(0, 1, 1 + SHARES, dtype=np.float32)[:, None]
    first = (point + shares * (stations[1] - point)).astype(np.float32)
    return np.concatenate([first, *(station[None] for station in stations[2:])])


def _moved(point: Z, demands: Sequence[Demand]) -> Z:
    there: Z = point[None]
    for demand in demands:
        there = (there + demand.amount * (demand.move(there) - there)).astype(np.float32)
    return there[0]
