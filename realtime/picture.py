"""What `glissar top` shows of a board, for a terminal or a text file."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from realtime.board import Alarm, Board, Line

STYLES: dict[Alarm, str] = {"none": "", "old": "yellow", "now": "bold red"}
GONE = "glissar is gone; this was the last of it, and it is taken up when it comes back."


def picture(board: Board, now: float, gone: bool = False) -> Group:
    """What is out of its marks has an exclamation mark, and a colour where there are any."""
    upper = _beside(
        _table("knob", board.knobs(), "set", "heard"),
        _table("constraint", board.constraints(), "set", "heard"),
        _table("music", board.gauges("music", now)),
    )
    lower = _beside(
        _table("ms", board.gauges("ms", now)),
        _table("waiting", board.gauges("waiting", now)),
        _table("lost", board.gauges("lost", now)),
        _table("back", board.gauges("back", now)),
    )
    trouble = [Text(), Text(board.trouble, style="yellow")] if board.trouble else []
    return Group(_heading(board, gone), Text(), upper, Text(), lower, *trouble)


def _heading(board: Board, gone: bool) -> Text:
    if gone:
        return Text(GONE, style="bold red")
    rolls = Text("rolls", style="bold green") if board.rolling else Text("stands")
    words = [
        Text(board.text("preset/name"), style="bold"),
        *(Text(board.text(name)) for name in ("mode", "edit")),
        rolls,
        Text(f"{board.text('transport/tempo')} BPM"),
        Text(f"bar {board.text('state/bar')}"),
        Text(f"by {board.text('transport/source')}"),
    ]
    return Text("  ").join(words)


def _beside(*tables: Table | None) -> RenderableType:
    """Those that have anything to show."""
    shown = [table for table in tables if table]
    grid = Table.grid(padding=(0, 4))
    grid.add_row(*shown)
    return grid


def _table(title: str, lines: Sequence[Line], *columns: str) -> Table | None:
    """Of `columns`, the values that are set and heard; by default one without a heading."""
    if not lines:
        return None
    heading, *rest = (title, *columns) if columns else (title, "")
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(heading)
    for column in rest:
        table.add_column(column, justify="right")
    for line in lines:
        value = Text(f"{line.value} !" if line.alarm != "none" else line.value, STYLES[line.alarm])
        table.add_row(line.name, value, *([Text(line.heard)] if len(rest) > 1 else []))
    return table
