"""What every surface shows: the addresses of the preset that plays, and the last value of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from realtime.controls import Address

Arguments = tuple[Any, ...]


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
