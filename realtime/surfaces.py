"""What every surface shows: the addresses of the preset that plays, and the last value of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from presets.constraint import REALISM
from realtime.controls import ROOT, Address, is_heard
from realtime.events import Echo, Placed, Trouble
from realtime.states import is_at

SPEAK_EVERY = 1.0  # s between two sentences of one kind

Arguments = tuple[Any, ...]
Setting = tuple[str, Arguments]  # an address, and what it is set to


class Surface(Protocol):
    """A connection that values are told to. None of this waits for anybody."""

    def echo(self, address: str, args: Arguments) -> None: ...

    def close(self) -> None: ...


class Shown:
    """One thread writes; others may read at any time, as each step is a single one."""

    def __init__(self, table: Mapping[str, Address]) -> None:
        self.table = table
        self.values: dict[str, Arguments] = {}

    def show(self, table: Mapping[str, Address]) -> None:
        """Another preset's addresses; values are kept by name."""
        self.values = {a: args for a, args in self.values.items() if a in table}
        self.table = table

    def tell(self, address: str, args: Arguments) -> None:
        self.values[address] = args
        if address == f"{ROOT}/error":
            self.values[f"{ROOT}/error/last"] = args


class Surfaces:
    """All of them, and what they were told that no control is set to: of that the session knows.

    One thread has them. `say` is told what a person should read. Times are monotonic seconds.
    """

    def __init__(self, table: Mapping[str, Address], say: Callable[[str], None]) -> None:
        self._table, self._say = table, say
        self._all: list[Surface] = []
        self._told: dict[str, Arguments] = {}
        self._spoken: dict[str, float] = {}  # when, by the kind of trouble

    def add(self, surface: Surface) -> None:
        self._all.append(surface)

    def show(self, table: Mapping[str, Address]) -> None:
        """Another preset's addresses."""
        self._table = table
        self._told = {a: args for a, args in self._told.items() if not is_heard(a)}

    def close(self) -> None:
        for surface in self._all:
            surface.close()

    def tell(self, name: str, *args: Any) -> None:
        """A value that has changed, by its address after the root."""
        address = f"{ROOT}/{name}"
        if self._told.get(address) != args:
            self._told[address] = args
            self._echo(address, args)

    def tell_shown(self, shown: float | Placed) -> None:
        """How realistic the window heard is, or where it lies on the maps."""
        if not isinstance(shown, Placed):
            self.tell(REALISM, shown)
            return
        for knob, (x, y) in shown.at.items():
            if f"{ROOT}/map/{knob}" in self._table:  # or it is of the preset before
                self.tell(f"map/{knob}", round(x, 4), round(y, 4))

    def pass_on(self, echo: Echo) -> None:
        """What the session itself does not know any more is told again by us."""
        if is_heard(echo.address) or not self._table[echo.address].writable:
            self._told[echo.address] = echo.args
        self._echo(echo.address, echo.args)

    def tell_again(self, settings: Iterable[Setting]) -> tuple[Setting, ...]:
        """What is asked for and known here; the settings that are left are the session's."""
        return tuple(setting for setting in settings if not self._is_answered(*setting))

    def _is_answered(self, address: str, args: Arguments) -> bool:
        """Whether this asked for an address that was told before; then it is told again, and so is
        what was told beneath it."""
        asked = args[0] if address == f"{ROOT}/query" and len(args) == 1 else None
        if not isinstance(asked, str):
            return False
        for told in [told for told in self._told if is_at(told, asked)]:
            self._echo(told, self._told[told])
        return asked in self._told

    def speak(self, trouble: Trouble, now: float) -> None:
        """Tell listeners and the terminal, one sentence of a kind a second."""
        if now - self._spoken.get(trouble.code, -SPEAK_EVERY) >= SPEAK_EVERY:
            self._spoken[trouble.code] = now
            self._echo(f"{ROOT}/error", (trouble.code, trouble.sentence))
            self._told[f"{ROOT}/error/last"] = (trouble.code, trouble.sentence)
            self._say(trouble.sentence)

    def _echo(self, address: str, args: Arguments) -> None:
        for surface in self._all:
            surface.echo(address, args)
