"""What every device shows: the rows of `controls.table`, as widgets in groups.

A row says by its kind what widget it is, so that a new one is on every device by itself. Left out
are text but for the preset's name, and a knob's target and value as things to turn: a device turns
offsets, and shows the values heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from presets.attributes import ATTRIBUTES
from presets.constraint import REALISM
from presets.errors import GlissarError
from presets.manifest import Manifest
from realtime.controls import ROOT, Address, table
from realtime.settings import Settings

Kind = Literal["dial", "count", "switch", "menu", "button"]

GROUPS = {  # by the first part of an address; what is not here belongs to the answers
    **{"knob": "knobs", "constrain": "constraints", "way": "constraints", REALISM: "constraints"},
    **{"morph": "morph", "transport": "song", "preset": "song", "panic": "song", "record": "song"},
}
ANSWERS = "answers"
ORDER = ("knobs", "constraints", "morph", ANSWERS, "song")
UNITS = {"transport/tempo": "BPM", "every": "windows", "delay": "windows"}
LOAD, NAME = "preset/load", "preset/name"

# What Max, Pd and Open Stage Control all take as it is; the rest means something to one of them.
PLAIN = re.compile(r"[\w#+./()'&= -]+")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
TAKEN = {"bang", "float", "list", "set", "symbol"}


@dataclass(frozen=True, slots=True)
class Widget:
    """One control. Of a menu, `neutral` is an index and `high` the last one."""

    address: str
    kind: Kind
    says: str
    told: str  # the address that tells its value
    short: str  # for where there is room for a word
    low: float = 0.0
    high: float = 1.0
    neutral: float = 0.0
    unit: str = ""
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As no other widget is called."""
        return _name(self.address)

    @property
    def group(self) -> str:
        return GROUPS.get(self.name.split()[0], ANSWERS)


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that is told, and never set here."""

    address: str
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Surface:
    preset: str
    port: int  # where the service hears OSC, on this machine
    widgets: tuple[Widget, ...]  # in order of their groups
    readings: tuple[Reading, ...]

    @property
    def groups(self) -> dict[str, list[Widget]]:
        """Those that have widgets, in their order."""
        all_ = {group: [w for w in self.widgets if w.group == group] for group in ORDER}
        return {group: widgets for group, widgets in all_.items() if widgets}

    @property
    def asked(self) -> list[str]:
        """The addresses whose values a device asks for when it meets the service."""
        return [widget.told for widget in self.widgets if widget.kind != "button"]


def surface(facts: Manifest, presets: Sequence[str], port: int) -> Surface:
    """Of a preset and those that can be loaded beside it. Raises GlissarError."""
    constraints = [constraint.name for constraint in facts.constraints]
    rows = table(facts.knobs, facts.menus, constraints)
    shown = {path: row for path, row in rows.items() if _is_widget(row, presets)}
    short = _shortest(path for path, row in shown.items() if row.kind in "fi")
    widgets = [_widget(path, row, short, presets) for path, row in shown.items()]
    for widget in widgets:
        _check(widget)
    widgets.sort(key=lambda w: ORDER.index(w.group))
    return Surface(facts.name, port, tuple(widgets), tuple(_readings(facts.knobs, rows)))


def _is_widget(row: Address, presets: Sequence[str]) -> bool:
    if row.path == LOAD:
        return bool(presets)
    asks = row.path.startswith("knob/") and row.path.count("/") > 1
    return row.writable and row.kind not in ("s", "ssf") and not asks


def _widget(path: str, row: Address, short: Mapping[str, str], presets: Sequence[str]) -> Widget:
    options = tuple(presets) if row.path == LOAD else row.options
    kind = _kind(row)
    low, high = (0.0, len(options) - 1.0) if kind == "menu" else (float(row.low), float(row.high))
    return Widget(
        address=path,
        kind=kind,
        says=f"{row.says[:1].upper()}{row.says[1:]}.",
        told=f"{ROOT}/{NAME}" if row.path == LOAD else path,
        short=short.get(path, _name(path)).capitalize(),
        low=low,
        high=high,
        neutral=_neutral(row),
        unit=UNITS.get(row.path, ""),
        options=options,
    )


def _kind(row: Address) -> Kind:
    match row.kind:
        case "f":
            return "dial"
        case "i":
            return "switch" if (row.low, row.high) == (0, 1) else "count"
        case "trigger":
            return "button"
        case _:
            return "menu"


def _neutral(row: Address) -> float:
    """What a service that was just started has."""
    usual = Settings()
    start = {
        "thru": usual.midi.thru,
        "delay": usual.delay,
        "every": usual.every,
        "transport/play": usual.transport.start,
        "transport/tempo": usual.transport.tempo,
    }
    return float(start.get(row.path, row.path.endswith("/amount")))


def _readings(knobs: Iterable[str], rows: Mapping[str, Address]) -> Iterator[Reading]:
    for knob in knobs:
        path, attribute = f"{ROOT}/knob/{knob}/value", ATTRIBUTES[knob]
        yield Reading(path, f"{knob} in {attribute.unit}", f"As heard: {attribute.sentence}")
    for path in (f"{ROOT}/{REALISM}", f"{ROOT}/state/notes"):
        if path in rows:
            says = rows[path].says
            yield Reading(path, _name(path).split()[-1], f"{says[:1].upper()}{says[1:]}.")


def _name(path: str) -> str:
    return path.removeprefix(f"{ROOT}/").replace("/", " ")


def _shortest(paths: Iterable[str]) -> dict[str, str]:
    """Of each path the fewest last words that no other ends with."""
    words = {path: _name(path).split() for path in paths}
    short: dict[str, str] = {}
    for path, own in words.items():
        others = [other for at, other in words.items() if at != path]
        counts = range(1, len(own) + 1)
        count = next((n for n in counts if not any(o[-n:] == own[-n:] for o in others)), len(own))
        short[path] = " ".join(own[-count:])
    return short


def is_number(word: str) -> bool:
    """Whether Max and Pd read it as one."""
    return NUMBER.fullmatch(word) is not None


def _check(widget: Widget) -> None:
    """Refuse what a file could not say. Raises GlissarError."""
    for word in widget.name.split():
        if is_number(word):
            raise GlissarError(
                f"{widget.address} has a number for a name, which Pd does not tell from a value; "
                "rename it in the preset's rule and export that again."
            )
    for entry in widget.options:
        told = f"{float(entry):g}" if is_number(entry) else entry
        if not PLAIN.fullmatch(entry) or entry in TAKEN or told != entry:
            raise GlissarError(
                f"menu {widget.name} has an entry {entry!r} that a device would take for something "
                "else; rename it in the preset's rule and export that again."
            )
