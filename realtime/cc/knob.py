"""One knob of a controller: where it stands, whether what it says is done, what it was told.

Pure: each step takes a knob and makes another one. Times are monotonic seconds.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from realtime.cc.scale import Scale, Setting

NEAR = 2 / 127  # of the whole way: so near a control a knob takes hold of it
DOWN = 64  # from here on a button is pressed
ECHO = 1.0  # s in which what a knob was told may come back
ECHOES = 64  # that are remembered


class Knob(Struct, frozen=True):
    """Numbers are as the controller says them, up to 127 or 16383."""

    stands: int | None = None  # where, as far as it has said
    judged: int | None = None  # where it stood when that was last looked at, and was its own word
    holds: bool = False  # the control follows it
    value: Setting | None = None  # of the control, as it was last told
    shown: int | None = None  # what its ring or motor shows
    fed: tuple[tuple[float, int], ...] = ()  # what it was told lately, and when


class Verdict(NamedTuple):
    """`value` is to be set; None: nothing is. `echo`: it was our own word that came back."""

    knob: Knob
    value: Setting | None = None
    echo: bool = False


def hear(knob: Knob, part: int, data: int, fine: bool) -> Knob:
    """It says a number; of 14 bits the upper seven (`part` 0) or the lower, in any order."""
    if not fine:
        return replace(knob, stands=data)
    stands = knob.stands or 0
    return replace(knob, stands=(stands & 0x3F80) | data if part else data << 7 | stands & 0x7F)


def press(knob: Knob) -> tuple[Knob, bool]:
    """Of a button that pulls a trigger: whether it went down just now. Some never say that they
    come up; a fader that is past the half on its way says no number twice."""
    stands, before = knob.stands or 0, knob.judged
    down = stands >= DOWN and (before is None or before < DOWN or before == stands)
    return replace(knob, judged=stands), down


def judge(knob: Knob, scale: Scale, pickup: bool, now: float, endless: bool = False) -> Verdict:
    """What is to be done about where it stands now. What comes back of an endless one is known
    when it comes."""
    stands = knob.stands
    if stands is None:
        return Verdict(knob)
    left = None if endless else came_back(knob.fed, stands, now)
    if left is not None:
        return Verdict(replace(knob, fed=left), echo=True)
    holds = not pickup or (_chooses if scale.steps else _reaches)(knob, stands, scale)
    shown = knob.shown if endless else stands  # who says steps shows what it is told alone
    after = replace(knob, judged=stands, shown=shown, holds=holds)
    return Verdict(after, scale.value(stands) if holds else None)


def told(knob: Knob, scale: Scale, value: Setting) -> Knob:
    """The control has this value, whoever set it."""
    stands = knob.judged is not None and _is_near(knob.judged, scale, value)
    return replace(knob, value=value, holds=stands or (knob.holds and value == knob.value))


def owes(knob: Knob, scale: Scale) -> int | None:
    """What its ring or motor should show, and does not."""
    if knob.value is None or (knob.shown is not None and scale.agrees(knob.shown, knob.value)):
        return None
    return scale.raw(knob.value)


def feed(knob: Knob, raw: int, now: float) -> Knob:
    """It is told to show `raw`."""
    fed = (*(each for each in knob.fed if now - each[0] < ECHO), (now, raw))
    return replace(knob, shown=raw, fed=fed[-ECHOES:])


def came_back(
    fed: tuple[tuple[float, int], ...], raw: int, now: float
) -> tuple[tuple[float, int], ...] | None:
    """What may still come back after this did; None: it is no echo. They come in order."""
    for place, (when, said) in enumerate(fed):
        if said == raw and now - when < ECHO:
            return fed[place + 1 :]
    return None


def _is_near(raw: int, scale: Scale, value: Setting | None) -> bool:
    place = None if value is None else scale.place(value)
    if scale.steps or place is None:
        return value is not None and scale.agrees(raw, value)
    return abs(raw - place) <= NEAR * scale.top


def _reaches(knob: Knob, stands: int, scale: Scale) -> bool:
    """It has the control in hand, or comes to it, or passes it."""
    place = None if knob.value is None else scale.place(knob.value)
    if knob.holds or place is None or _is_near(stands, scale, knob.value):
        return True
    return knob.judged is not None and (knob.judged - place) * (stands - place) <= 0


def _chooses(knob: Knob, stands: int, scale: Scale) -> bool:
    """It comes into another field: what is chosen by fields is passed by no knob unnoticed, and a
    button must not be pressed twice."""
    return knob.judged is None or scale.value(knob.judged) != scale.value(stands)
