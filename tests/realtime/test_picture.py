"""The picture of a board, as text: what is there, and what is marked."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from realtime.board import Board
from realtime.picture import GONE, picture

TOLD: list[tuple[str, tuple[Any, ...]]] = [
    ("preset/name", ("bach",)),
    ("mode", ("freeze",)),
    ("transport/play", (1,)),
    ("transport/tempo", (96.5,)),
    ("transport/source", ("clock",)),
    ("knob/density", (0.5,)),
    ("knob/density/value", (7.0,)),
    ("constrain/scale", ("major",)),
    ("state/bar", (12.0,)),
    ("state/late", (2.0,)),
    ("state/dropped", (0.0,)),
    ("state/jitter_p99", (0.4,)),
]


def drawn(board: Board, *, gone: bool = False, colour: bool = False, width: int = 80) -> str:
    out = io.StringIO()
    how: Any = "truecolor" if colour else None
    console = Console(file=out, width=width, force_terminal=colour, color_system=how)
    console.print(picture(board, 0.0, gone))
    return out.getvalue()


def board(*more: tuple[str, tuple[Any, ...]]) -> Board:
    heard = Board()
    for name, args in (*TOLD, *more):
        heard.hear(f"/glissar/{name}", args, 0.0)
    return heard


def words(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_everything_that_is_known_is_there() -> None:
    first, *rest = words(drawn(board()))
    assert first == "bach freeze – rolls 96.5 BPM bar 12 by clock"
    assert rest == [
        "knob set heard constraint set heard music",
        "density +0.50 7 scale major bar 12",
        "ms lost",
        "jitter_p99 0.4 late 2 !",
        "dropped 0",
    ]


def test_a_number_over_its_mark_is_marked_without_colours_too() -> None:
    plain, coloured = drawn(board()), drawn(board(), colour=True)
    assert "2 !" in plain
    assert "\x1b" not in plain
    assert "\x1b[33m2 !\x1b[0m" in coloured
    assert "0.4 !" not in plain


def test_the_last_error_is_below_it_all_and_is_no_markup() -> None:
    sentence = "there is no control /glissar/[red]x[/red]."
    assert drawn(board(("error", ("unknown-address", sentence)))).splitlines()[-1] == sentence


def test_one_that_is_gone_is_said_first() -> None:
    assert drawn(board(), gone=True, width=120).splitlines()[0] == GONE


def test_a_board_that_heard_little_is_drawn() -> None:
    heard = Board()
    heard.hear("/glissar/mode", ("follow",), 0.0)
    assert words(drawn(heard)) == ["– follow – stands – BPM bar – by –"]
