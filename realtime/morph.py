"""Morph: a knob between two captured windows, as far as the session knows of it.

What is heard is an edit of the nearer of the two, so that both come back event for event at the
knob's ends. Until the path between them is found, the knob goes along the straight line.
"""

from __future__ import annotations

from presets.encoding import Encoding
from realtime.controls import ROOT
from realtime.desk import State
from realtime.events import Between, Join
from realtime.recorder import Taken

HALF = 0.5
CAPTURES = frozenset(f"{ROOT}/morph/{end}" for end in "ab")
Ends = tuple[Taken, Taken]


def ends(state: State) -> Ends | None:
    """What a window of mode morph is between; None in other modes, or until both are captured."""
    if state.mode != "morph" or state.a is None or state.b is None:
        return None
    return state.a, state.b


def looped(state: State) -> Taken | None:
    """What is answered in mode morph in place of what was just played; a single end loops."""
    if state.mode != "morph":
        return None
    found = ends(state)
    return nearer(found, state.morph) if found else state.a or state.b


def nearer(of: Ends, place: float) -> Taken:
    return of[place >= HALF]


def moves(of: Ends | None, state: State) -> bool:
    """Whether what is heard is another window than the nearer end."""
    return of is not None and 0 < state.morph < 1


def between(of: Ends | None, state: State, encoding: Encoding) -> Between | None:
    """Where the knob stands between two ends; on the path only if it is theirs."""
    if of is None:
        return None
    curve = state.curve if of == (state.a, state.b) else None
    start, end = (_tokens(taken, encoding) for taken in of)
    return Between(start, end, state.morph, curve)


def join(state: State, encoding: Encoding) -> Join | None:
    """The path that is wanted, if both ends are there."""
    if state.a is None or state.b is None:
        return None
    return Join(_tokens(state.a, encoding), _tokens(state.b, encoding))


def _tokens(taken: Taken, encoding: Encoding) -> tuple[int, ...]:
    return tuple(encoding.listen(taken.window).tokens.tolist())
