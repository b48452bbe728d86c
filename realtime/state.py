"""What a performer has set and captured: all of a session that outlives an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from presets.bar import Window

Knob = tuple[str, float]  # reading, number
NEUTRAL: Knob = ("offset", 0.0)


@dataclass(frozen=True, slots=True)
class Taken:
    """A captured window: its notes, relative to its start, and the gestures that go with them."""

    window: Window
    gestures: tuple[tuple[int, bytes], ...] = ()  # (tick from the window's start, message)
    open: bool = False  # a note of it was still held when it was taken


class Curve(Struct, frozen=True):
    """The way from one captured window to another: see `presets.geodesic`."""

    bend: tuple[float, ...]
    times: tuple[float, ...]  # at which a knob is that goes evenly from 0 to 1


Share = Annotated[float, Meta(ge=0, le=1)]
Reading = Annotated[str, Meta(pattern="^(offset|target|value)$")]
FreeReading = Annotated[str, Meta(pattern="^(offset|target)$")]
Number = Annotated[float, Meta(ge=-127, le=127)]


class State(Struct, frozen=True):
    """A performer's choices, and the windows that were kept."""

    knobs: dict[str, tuple[Reading, Number]] = {}
    mode: Annotated[str, Meta(pattern="^(follow|freeze|generate|morph)$")] = "follow"
    edit: Annotated[str, Meta(pattern="^(residual|full)$")] = "residual"
    variation: Share = 0.0
    delay: Annotated[int, Meta(ge=1, le=8)] = 1
    every: Annotated[int, Meta(ge=1, le=16)] = 1
    thru: bool = True
    source: str = "internal"
    last: Taken | None = None  # what loops in mode freeze
    choices: dict[str, str] = {}  # menu of a constraint -> what must hold
    amounts: dict[str, Share] = {}  # constraint -> how far to go for it; 1 where none is given
    way: Annotated[str, Meta(pattern="^(actor|optimise)$")] = "actor"
    morph: Share = 0.0  # from a to b
    a: Taken | None = None
    b: Taken | None = None
    curve: Curve | None = None  # between them
    preset: str = ""  # the one loaded while playing, as a person calls it; empty: the settings'
    free: dict[str, tuple[FreeReading, Number]] = {}  # the second axis of each knob's map
