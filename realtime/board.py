"""What a listener knows of a glissar that plays: the last that was told of each address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from realtime.states import ROOT, STATE, STATES, is_out

FRESH = 60.0  # s for which a loss is news
COUNTS = {"lost", "back"}  # groups of what only grows; the others go up and down
ALWAYS = {"late", "dropped", "reconnects"}  # counts that are shown at 0 too
OTHERS = "others"
UNKNOWN = "–"

Alarm = Literal["none", "old", "now"]


@dataclass(frozen=True, slots=True)
class Line:
    """A name, what it is set to or has come to, and what is heard of it."""

    name: str
    value: str
    heard: str = ""
    alarm: Alarm = "none"


class Board:
    """Times are monotonic seconds."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Any, ...]] = {}
        self._changed: dict[str, float] = {}  # when one that was known became another

    def hear(self, address: str, args: Sequence[Any], now: float) -> None:
        name = f"{ROOT}/error/last" if address == f"{ROOT}/error" else address
        if name in self._values and self._values[name] != tuple(args):
            self._changed[name] = now
        self._values.pop(name, None)  # what was told last stands last
        self._values[name] = tuple(args)

    def __bool__(self) -> bool:
        return bool(self._values)

    def text(self, name: str) -> str:
        """The value at /glissar/`name`, in words."""
        return " ".join(map(plain, self._values.get(f"{ROOT}/{name}", ()))) or UNKNOWN

    @property
    def rolling(self) -> bool:
        return self._values.get(f"{ROOT}/transport/play") == (1,)

    @property
    def trouble(self) -> str:
        """The last sentence of what went wrong; empty where nothing did."""
        told = self._values.get(f"{ROOT}/error/last", ())
        return plain(told[-1]) if told else ""

    def knobs(self) -> list[Line]:
        """Each as it was turned last: an offset, or a percentile as p80."""
        start, turned = f"{ROOT}/knob/", dict[str, str]()
        for address, args in self._values.items():
            if address.startswith(start):
                knob, _, reading = address.removeprefix(start).partition("/")
                match reading, args:
                    case "", (int() | float() as offset,):
                        turned[knob] = f"{offset:+.2f}"
                    case "target", (int() | float() as part,):
                        turned[knob] = f"p{100 * part:.0f}"
                    case _:
                        turned.setdefault(knob, UNKNOWN)
        return [Line(k, turned[k], self.text(f"knob/{k}/value")) for k in sorted(turned)]

    def constraints(self) -> list[Line]:
        """What must hold, and how far to go for it."""
        start = f"{ROOT}/constrain/"
        names = [a.removeprefix(start) for a in self._values if a.startswith(start)]
        lines = [Line(name, self.text(f"constrain/{name}")) for name in sorted(names)]
        if f"{ROOT}/realism/guard" in self._values:
            lines.append(Line("realism", self.text("realism/guard"), self.text("realism")))
        return lines

    def gauges(self, group: str, now: float) -> list[Line]:
        """The counters of a group that are known; of losses those that there are."""
        lines: list[Line] = []
        for name in (name for name, row in STATES.items() if row.group == group):
            match self._values.get(f"{STATE}/{name}"):
                case (int() | float() as value,):
                    lines.append(Line(name, plain(value), "", self._alarm(name, value, now)))
                case _:
                    pass
        if group not in COUNTS:
            return lines
        told = [line for line in lines if line.name in ALWAYS or line.value != "0"]
        return [*told, Line(OTHERS, "0")] if len(told) < len(lines) else told

    def _alarm(self, name: str, value: float, now: float) -> Alarm:
        if not is_out(name, value):
            return "none"
        changed = self._changed.get(f"{STATE}/{name}", float("-inf"))
        return "now" if STATES[name].group not in COUNTS or now - changed < FRESH else "old"


def plain(value: object) -> str:
    """A value in as many figures as one reads; of text, what a terminal shows as it is."""
    if isinstance(value, float) and not value.is_integer() and abs(value) < 1000:
        return f"{value:.3g}"
    if isinstance(value, int | float) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))
