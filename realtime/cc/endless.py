"""A knob without ends: it says how far it was turned, not where it stands. Pure, as a knob is."""

from __future__ import annotations

from msgspec.structs import replace

from realtime.cc.knob import Knob, Verdict, came_back
from realtime.cc.mapping import Relative
from realtime.cc.scale import Scale

# Up is 1, 2, … of one kind, and down 65, 66, … or 127, 126, … (sign and magnitude, two's
# complement: no detent is as fast as 32); up is 65, 66, … of the other, and down 63, 62, …
CENTRE = 64
FASTEST = 32  # steps in one message
SLOW = 7  # steps in a message of one that is turned with care
FIELD = 8  # steps from one field of a menu to the next


def steps(data: int, relative: Relative) -> int:
    """How many, up or down."""
    if relative == "offset":
        return data - CENTRE
    if data <= CENTRE:
        return data % CENTRE
    return CENTRE - data if data < CENTRE + FASTEST else data - 2 * CENTRE


def kind(data: int) -> Relative | None:
    """What one is that says this when it is turned up slowly; None: none says so."""
    if 0 < data <= SLOW:
        return "signed"
    return "offset" if 0 < data - CENTRE <= SLOW else None


def turn(knob: Knob, data: int, relative: Relative, scale: Scale, now: float) -> Verdict:
    """It stands so much further than its control does, or than it was already turned; the knob as
    it was where that is nowhere. A few steps are no echo of ours: a hand says them all the time."""
    far = steps(data, relative)
    left = None if abs(far) <= SLOW else came_back(knob.fed, data, now)
    if left is not None:
        return Verdict(replace(knob, fed=left), echo=True)
    if not far:
        return Verdict(knob)
    stands = _stands(knob, scale) + far * _stride(scale)
    return Verdict(replace(knob, stands=min(max(stands, 0), scale.top), judged=None))


def _stands(knob: Knob, scale: Scale) -> int:
    stands, value = knob.stands, knob.value
    if stands is not None and (knob.judged is None or value is None):
        return stands  # it was turned just now, and nobody has looked
    if stands is not None and value is not None and scale.agrees(stands, value):
        return stands
    raw = None if value is None else scale.raw(value)
    return (scale.top + 1) // 2 if raw is None else raw


def _stride(scale: Scale) -> int:
    """Of 127 for one step: a menu needs no whole turn for one of its fields."""
    return max(1, (scale.top + 1) // (FIELD * len(scale.steps))) if scale.steps else 1
