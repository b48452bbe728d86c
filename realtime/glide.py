"""From one state to another: snapshots morphed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from realtime.history import chosen_as
from realtime.state import NEUTRAL, Knob, State

HALF = 0.5


def blend(first: State, last: State, place: float) -> State:
    """What lies between two states, `place` from 0 to 1 of the way.

    Numbers go evenly: knobs of one reading, amounts, variation, the morph. All else changes
    half-way: modes, menus, windows, and knobs that are read otherwise in the two.
    """
    nearer = last if place >= HALF else first
    if place in (0.0, 1.0):
        return nearer
    amounts = {
        name: _mix(first.amounts.get(name, 1.0), last.amounts.get(name, 1.0), place)
        for name in {**first.amounts, **last.amounts}
    }
    return replace(
        nearer,
        knobs=_blended(first.knobs, last.knobs, place),
        free=_blended(first.free, last.free, place),
        amounts=amounts,
        variation=_mix(first.variation, last.variation, place),
        morph=_mix(first.morph, last.morph, place),
    )


@dataclass(frozen=True, slots=True)
class Glide:
    """A way from one state to another between two ticks."""

    first: State
    last: State
    start: int
    end: int

    def at(self, tick: int, now: State) -> State:
        """`now` with the choices that belong to `tick`."""
        place = min(max((tick - self.start) / (self.end - self.start), 0.0), 1.0)
        return chosen_as(blend(self.first, self.last, place), now)


def _blended(first: Mapping[str, Knob], last: Mapping[str, Knob], place: float) -> dict[str, Knob]:
    return {
        name: _between(first.get(name, NEUTRAL), last.get(name, NEUTRAL), place)
        for name in {**first, **last}
    }


def _between(first: Knob, last: Knob, place: float) -> Knob:
    if first[0] != last[0]:
        return last if place >= HALF else first
    return first[0], _mix(first[1], last[1], place)


def _mix(first: float, last: float, place: float) -> float:
    return first + (last - first) * place
