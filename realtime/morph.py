"""Morph: a knob between two captured windows, as far as the session knows of it.

What is heard is an edit of the nearer of the two, so that both come back event for event at the
knob's ends. Until the path between them is found, the knob goes along the straight line.
"""

from __future__ import annotations

from typing import NamedTuple

from presets.encoding import Encoding
from realtime.controls import ROOT
from realtime.events import Between, Join
from realtime.state import Curve, State, Taken

HALF = 0.5
CAPTURES = {f"{ROOT}/morph/{end}": end for end in "ab"}


class Pair(NamedTuple):
    """What a window of mode morph is between, and the path as far as it is known."""

    start: Taken
    end: Taken
    curve: Curve | None

    def nearer(self, place: float) -> Taken:
        return self.end if place >= HALF else self.start

    def joins(self, state: State) -> bool:
        """Whether it is the state's own."""
        return (self.start, self.end) == (state.a, state.b)


def pair(state: State) -> Pair | None:
    """None in other modes, or until both ends are captured."""
    if state.mode != "morph" or state.a is None or state.b is None:
        return None
    return Pair(state.a, state.b, state.curve)


def looped(state: State) -> Taken | None:
    """What is answered in mode morph in place of what was just played; a single end loops."""
    if state.mode != "morph":
        return None
    found = pair(state)
    return found.nearer(state.morph) if found else state.a or state.b


def moves(of: Pair | None, place: float) -> bool:
    """Whether what is heard is another window than the nearer end."""
    return of is not None and 0 < place < 1


def between(of: Pair | None, place: float, encoding: Encoding) -> Between | None:
    """Where the knob stands between two ends."""
    if of is None:
        return None
    return Between(_tokens(of.start, encoding), _tokens(of.end, encoding), place, of.curve)


def join(state: State, encoding: Encoding) -> Join | None:
    """The path that is wanted: both ends are there, and it is not."""
    if state.a is None or state.b is None or state.curve is not None:
        return None
    return Join(_tokens(state.a, encoding), _tokens(state.b, encoding))


def _tokens(taken: Taken, encoding: Encoding) -> tuple[int, ...]:
    return tuple(encoding.listen(taken.window).tokens.tolist())
