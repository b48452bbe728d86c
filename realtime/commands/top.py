"""`glissar top`: a running glissar in a terminal, as it tells of itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import closing

import click
from rich.console import Console
from rich.live import Live

from presets.errors import GlissarError
from realtime import settings_file
from realtime.board import Board
from realtime.picture import picture
from realtime.ports.ear import Ear
from realtime.states import ROOT

PATIENCE = 2.0  # s for an answer
AGAIN = 0.5  # s after which it is asked again
LISTEN_EVERY = 1.0  # s; one that comes back has forgotten who listened
DRAW_EVERY = 0.25  # s
MARK = f"{ROOT}/mode"  # asked for last of all: heard twice, everything was heard


@click.command("top")
@click.option("--port", type=int, default=None, help="UDP port of glissar's controls (9010).")
@click.option("--once", is_flag=True, help="Show how it is now, and end.")
def command(port: int | None, once: bool) -> None:
    """Show a running glissar: transport, knobs and what is heard of them, and its counters."""
    osc = settings_file.load(None, {"osc.port": port}).osc
    console, board = Console(), Board()
    with closing(Ear(osc.host, osc.port)) as ear:
        greet(ear, board, osc.port)
        if once or not console.is_terminal:
            console.print(picture(board, time.monotonic()))
        else:
            watch(ear, board, console)


def greet(ear: Ear, board: Board, port: int) -> None:
    """Listen, and hear all that is known. Raises GlissarError where nobody answers."""
    patience = time.monotonic() + PATIENCE
    marks = 0
    while not board and (now := time.monotonic()) < patience:
        ask_for_all(ear)
        for address, args in ear.heard(min(now + AGAIN, patience)):
            board.hear(address, args, now)
            marks += address == MARK
            if marks == 2:
                return
    if not board:
        raise GlissarError(
            f"no glissar answers on UDP port {port}; start `glissar play`, or give the port of its "
            "controls with --port."
        )


def ask_for_all(ear: Ear) -> None:
    ear.listen()
    ear.ask(ROOT)
    ear.ask(MARK)


def watch(ear: Ear, board: Board, console: Console) -> None:
    """Until Ctrl-C, which whoever started us may have had ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            keep_watching(
                ear, board, lambda now: live.update(picture(board, now, ear.gone), refresh=True)
            )
    except KeyboardInterrupt:
        pass


def keep_watching(ear: Ear, board: Board, show: Callable[[float], None]) -> None:
    speak_at = 0.0
    while True:
        now = time.monotonic()
        show(now)
        if now >= speak_at:
            ask_for_all(ear) if ear.gone else ear.listen()
            speak_at = now + LISTEN_EVERY
        for address, args in ear.heard(now + DRAW_EVERY):
            board.hear(address, args, now)
