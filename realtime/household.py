"""What the supervisor and its children say to each other, and the codes children leave with."""

from __future__ import annotations

from msgspec import Struct

from presets.bar import Meter
from realtime.settings import Settings

REFUSED = 2  # a person has to change something; the sentence is on stderr
LOST = 75  # what the child stood on is gone and may come back: start it again


class Begin(Struct, frozen=True, tag=True):
    """The first frame a child reads."""

    settings: Settings
    meter: Meter
    ledger: str  # the file of sounding notes; the player closes what it finds there
    again: bool  # a child like this one has been up before: what is not there now may come back
    state: bytes  # the last `Keep` of the child before it; empty at first


class Keep(Struct, frozen=True, tag=True):
    """Hand this to whoever comes after me. The supervisor does not read it."""

    state: bytes


class Ready(Struct, frozen=True, tag=True):
    """The engine has loaded its model and listens."""


class Opened(Struct, frozen=True, tag=True):
    """The player has its ports."""

    api: str
    input: str
    output: str


class Pulse(Struct, frozen=True, tag=True):
    """The supervisor asks whether a child's main loop still turns, which answers `Alive`."""


class Alive(Struct, frozen=True, tag=True):
    """Only who does its work says so: no reader's thread answers for a loop that hangs."""


ToSupervisor = Keep | Ready | Opened | Alive
