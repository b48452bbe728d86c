"""Constrain: a point moves to where what is asked holds, and what counts is what is heard.

Who moves it is an actor, or a descent along critics. The way there is walked in shares, and the
first point at which the heard window does all that is asked is taken: it is nearest to what was
played. Where no edit of what was played does it, what is decoded plays as it is. A window that does
what is asked already stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from presets.ask import Answer, Decode, Hearing, Z
from presets.attributes import heard_onsets
from presets.constraint import Constraint
from presets.encoding import Encoded, Tokens
from presets.rules import Rule, Y

SHARES = 8  # points on the way


class Demand(NamedTuple):
    """One constraint, with what is chosen in its menus."""

    constraint: Constraint
    y: Y  # [1, Y]
    move: Callable[[Z], Z]  # a point [1, Z] to where it holds
    content: Callable[[Tokens], bool]  # whether its critics that are no known rules hold of tokens
    amount: float = 1.0  # how much of the way is gone at the most

    def rules(self) -> list[tuple[Rule, Y]]:
        """Those that a window itself can be asked, each with its part of y."""
        own = self.constraint.rules()
        return [(rule, self.constraint.part(rule, self.y)) for rule in own]


def constrain(
    point: Z, demands: Sequence[Demand], hearing: Hearing, decode: Decode, *, full: bool
) -> Answer:
    """point [Z]: where the knobs have put the window; full: whether answers play as decoded."""
    there = point[None]
    for demand in demands:
        there = (there + demand.amount * (demand.move(there) - there)).astype(np.float32)
    shares = np.linspace(0, 1, 1 + SHARES, dtype=np.float32)[:, None]
    points = (point + shares * (there - point)).astype(np.float32)
    tokens = decode(points)
    rules = [pair for demand in demands for pair in demand.rules()]

    def holds(heard: Encoded) -> bool:
        onsets = heard_onsets([heard], hearing.encoding.grid)
        known = all(rule.score(onsets, part)[0] >= 1 for rule, part in rules)
        return known and all(demand.content(heard.tokens) for demand in demands)

    for as_it_is in (True,) if full else (False, True):
        for where, row in zip(points, tokens, strict=True):
            if holds(hearing.heard(row, full=as_it_is)):
                return Answer(where, row, as_it_is)
    return Answer(points[-1], tokens[-1], full)
