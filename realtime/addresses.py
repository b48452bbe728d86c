"""The control addresses as a table to read: made of the one that is played by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from realtime.controls import Address
from realtime.oscquery import TYPES
from realtime.states import STATES

HEAD = ("address", "OSC", "range", "by CC", "")
ORIGIN = """\
Written by `glissar addresses --markdown`. An OSC type is what a value goes out with, and best comes
in with; where there are several values (notes, entries, a code and a sentence) each has it. *told*
are those that nobody sets; of how it goes, with the most that it should be on an idle machine. *by
CC* are those that a MIDI controller can turn. `/glissar/listen HOST PORT` has all of them told
there for a minute, and `/glissar/unlisten HOST PORT` ends that."""
TURNED = ("f", "i", "menu", "trigger")  # kinds that a MIDI controller can set


def rows(table: Mapping[str, Address]) -> list[tuple[str, ...]]:
    """As `HEAD` names them: the address, its type tags, what it may be, whether a controller turns
    it, and what it means."""
    return [
        (path, _types(row), _range(row), "yes" if _by_controller(row) else "", _meaning(row))
        for path, row in table.items()
    ]


def _types(row: Address) -> str:
    if row.kind == "trigger":
        return "none"
    return TYPES[row.kind] + ("" if row.writable else ", told")


def _range(row: Address) -> str:
    if row.options:
        return ", ".join(row.options)
    if not row.writable:
        return _mark(row.path)
    if row.kind == "ssf":
        return f"two names; then {row.low:g} to {row.high:g}"
    span = "a name" if row.second else ""
    if row.kind in ("f", "i"):
        span = f"{row.low:g} to {row.high:g}"
    return f"{span}; then {row.second[0]:g} to {row.second[1]:g}" if row.second else span


def _mark(path: str) -> str:
    """Of how it goes: what it should be at most."""
    gauge = STATES.get(path.removeprefix("state/"))
    return "" if gauge is None or gauge.most is None else f"at most {gauge.most:g}"


def _by_controller(row: Address) -> bool:
    return row.writable and row.kind in TURNED


def _meaning(row: Address) -> str:
    return f"{row.says} ({row.unit})" if row.unit else row.says


def markdown(preset: str, table: Mapping[str, Address]) -> str:
    lines = [f"# Control addresses of {preset}\n", f"{ORIGIN}\n"]
    lines += [_line(HEAD), _line("---" for _ in HEAD)]
    lines += [_line((f"`{path}`", *rest)) for path, *rest in rows(table)]
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|"
