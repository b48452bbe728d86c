"""The one table of control addresses: OSC, the command line and every later surface read it.

A row says what an address takes, who may write it, and what it means. Values are forgiven as far as
a musician would expect (an integer for a number, True for 1, too much for the most) and refused,
with a sentence, only when they make no sense.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from reprlib import repr as short  # a datagram is long, a sentence is not
from typing import Any

from presets.attributes import ATTRIBUTES
from presets.constraint import REALISM
from presets.errors import GlissarError
from presets.manifest import Manifest
from presets.rules import Menu
from realtime.states import ROOT, STATES

Value = float | int | str | None  # None: a trigger


@dataclass(frozen=True, slots=True)
class Address:
    """One row. `kind`: f number, i whole number, s text, menu, trigger; ssf two texts, a number;
    ints as many whole numbers as there are, ff two numbers: those are only told."""

    path: str
    kind: str
    says: str
    low: float = 0.0
    high: float = 1.0
    options: tuple[str, ...] = ()
    writable: bool = True
    second: tuple[float, float] | None = None  # lowest and highest of a number that may follow
    unit: str = ""  # of the value, as a person reads it; OSCQuery's own word where it has one

    def read(self, args: Sequence[Any]) -> Value:
        """The value that `args` mean, clamped. Raises GlissarError."""
        if not self.writable:
            raise GlissarError(f"{self.path} is only told, never set.")
        if self.kind == "trigger":
            return None
        if self.kind == "ssf":
            return self._pair(args)
        if len(args) != 1 and (self.second is None or len(args) != 2):
            many = "one value" if self.second is None else "one value or two"
            raise GlissarError(f"{self.path} takes {many}, not {len(args)}.")
        if self.kind in "fi":
            return self._number(args[0])
        return self._word(args[0])

    def _pair(self, args: Sequence[Any]) -> float:
        """Two names and a number between them: the number."""
        if len(args) != 3 or not all(isinstance(name, str) for name in args[:2]):
            raise GlissarError(f"{self.path} takes two names and a number from 0 to 1.")
        return float(self._clamp(args[2], self.low, self.high, " as its third value"))

    def read_second(self, args: Sequence[Any]) -> float:
        """The number that follows the value, clamped; 0 where none does. Raises GlissarError."""
        if self.second is None or len(args) < 2:
            return 0.0
        return float(self._clamp(args[1], *self.second, " as its second value"))

    def _number(self, value: object) -> float | int:
        clamped = self._clamp(value, self.low, self.high)
        return round(clamped) if self.kind == "i" else float(clamped)

    def _clamp(self, value: object, low: float, high: float, where: str = "") -> float | int:
        if not isinstance(value, int | float) or not -inf < value < inf:
            raise GlissarError(
                f"{self.path} takes a number from {low:g} to {high:g}{where}, not {short(value)}."
            )
        return min(max(value, low), high)

    def _word(self, value: object) -> str:
        if isinstance(value, int | float) and f"{value:g}" in self.options:
            return f"{value:g}"  # of a menu of numbers
        if self.kind == "menu" and isinstance(value, int) and 0 <= value < len(self.options):
            return self.options[value]
        if not isinstance(value, str) or (self.options and value not in self.options):
            choices = f"one of {', '.join(self.options)}" if self.options else "text"
            raise GlissarError(f"{self.path} takes {choices}, not {short(value)}.")
        return value


SOURCES = ("internal", "clock", "link")
MODES = ("follow", "freeze", "generate", "morph")
OFF = "off"  # what every menu of a constraint begins with
WAYS = ("actor", "optimise")
TEMPI = 20, 400  # quarter notes a minute
BEATS = 0, 1000  # that a tempo may take to be reached
BARS = 0, 64  # that a snapshot may take to be reached
NOTES = "tick, ticks in it; and onset, ticks, pitch, velocity of each note"
GUARD = f"{REALISM}/guard"

# of every preset
FIXED = (
    Address("mode", "menu", "what is answered", options=MODES),
    Address("morph", "f", "how far from the captured window A to B, in mode morph"),
    Address("morph/a", "trigger", "capture the window just played as A"),
    Address("morph/b", "trigger", "capture the window just played as B"),
    Address("edit", "menu", "what a move changes", options=("residual", "full")),
    Address("variation", "f", "how far answers may be from the most likely one; 0 is that one"),
    Address("every", "i", "windows that a generated one is kept for", 1, 16),
    Address("delay", "i", "windows between playing and answering", 1, 8),
    Address("thru", "i", "whether dry notes go to the output", 0, 1),
    Address("undo", "trigger", "back to what was set before"),
    Address("redo", "trigger", "forth again"),
    Address("snapshot/save", "s", "keep all that is set and captured, by a name"),
    Address("snapshot/recall", "s", "bring it back; within so many bars", second=BARS),
    Address("snapshot/morph", "ssf", "what lies between two, 0 to 1"),
    Address("snapshot/entries", "s", "the snapshots that are kept", writable=False),
    Address("panic", "trigger", "close everything that sounds"),
    Address("panic/all", "trigger", "the same, and a note-off for every key"),
    Address("transport/play", "i", "roll or stop", 0, 1),
    Address(
        *("transport/tempo", "f", "quarter notes a minute; so many until there", *TEMPI),
        second=BEATS,
        unit="time.bpm",
    ),
    Address("transport/tap", "trigger", "beat the tempo; 0, a button let go, is none"),
    Address("transport/source", "menu", "who keeps time", options=SOURCES),
    Address("transport/meter", "s", "beats of a bar, and which notes they are", writable=False),
    Address(
        *("transport/at", "i", "the tick of the song, of 960 to a quarter note; once a beat"),
        writable=False,
    ),
    Address("window/played", "ints", f"what was played for the next; {NOTES}", writable=False),
    Address("window/heard", "ints", f"the window that sounds; {NOTES}", writable=False),
    Address("record", "i", "keep what is played and heard, for a MIDI file", 0, 1),
    Address("record/file", "s", "the MIDI file of the last recording", writable=False),
    Address("query", "s", "tell an address again, or all beneath it"),
    *(
        Address(f"state/{name}", "f", row.says, writable=False, unit=row.unit)
        for name, row in STATES.items()
    ),
    Address("preset/load", "s", "another preset, by name or folder; it plays from a line on"),
    Address("preset/name", "s", "the preset that plays", writable=False),
    Address("preset/state", "s", "idle, loading, ready or failed", writable=False),
    Address("preset/entries", "s", "the presets that are here", writable=False),
    Address("cc/learn", "s", "the address that the next controller shall turn; empty: none"),
    Address("cc/learning", "s", "the address that is learnt; empty: none", writable=False),
    Address("cc/entries", "s", "controllers, and the addresses they turn", writable=False),
    Address("cc/waiting", "s", "addresses whose knob stands elsewhere", writable=False),
    Address("cc/forget", "s", "an address that no controller shall turn any more"),
    Address("error", "s", "code and sentence of what went wrong", writable=False),
    Address("error/last", "s", "the same of what went wrong last, if asked", writable=False),
)


def is_heard(address: str) -> bool:
    """Whether what is told there is of the window heard, and of the preset that plays."""
    return address.endswith("/value") or address.startswith(f"{ROOT}/map/")


def let_go(args: Sequence[Any]) -> bool:
    """Whether a button says by these that it is up again: a trigger is pulled once, not twice."""
    return tuple(args) == (0,)


def table(
    knobs: Sequence[str],
    menus: Iterable[Menu] = (),
    constraints: Sequence[str] = (),
    free: Iterable[str] = (),
) -> dict[str, Address]:
    """All addresses of a preset with these knobs, constraints, and maps (`free`, by knob)."""
    rows = chain(
        FIXED,
        chain.from_iterable(map(_of_knob, knobs)),
        chain.from_iterable(map(_of_map, free)),
        _of_constraints(menus, constraints),
    )
    return {f"{ROOT}/{row.path}": row for row in rows}


def of(facts: Manifest) -> dict[str, Address]:
    """All addresses of a preset."""
    return table(facts.knobs, facts.menus, [c.name for c in facts.constraints], facts.free)


def _of_knob(knob: str) -> Iterator[Address]:
    unit = ATTRIBUTES[knob].unit if knob in ATTRIBUTES else ""
    yield Address(f"knob/{knob}", "f", "offset from your window; 0 is neutral", -1, 1)
    yield Address(f"knob/{knob}/target", "f", "percentile of the style")
    asked = "the value asked for; told: heard"
    yield Address(f"knob/{knob}/value", "f", asked, -127, 127, unit=unit)


def _of_map(knob: str) -> Iterator[Address]:
    yield Address(f"free/{knob}", "f", "offset across the knob's map; 0 is neutral", -1, 1)
    yield Address(f"free/{knob}/target", "f", "place across the knob's map, from end to end")
    yield Address(f"map/{knob}", "ff", "where the window heard lies on it", writable=False)


def _of_constraints(menus: Iterable[Menu], constraints: Sequence[str]) -> Iterator[Address]:
    for menu in (menu for menu in menus if menu.name != REALISM):
        options = (OFF, *menu.entries)
        yield Address(f"constrain/{menu.name}", "menu", "what must hold", options=options)
    for name in (name for name in constraints if name != REALISM):
        yield Address(f"constrain/{name}/amount", "f", "how far to go for it")
    if REALISM in constraints:
        yield Address(REALISM, "f", "how sure it is that the style is heard", writable=False)
        yield Address(GUARD, "f", "how far an answer goes to where the style is; 0 is off")
    if constraints:
        yield Address("way", "menu", "who goes there", options=WAYS)
