"""Until something has happened, or a server has wedged itself; and the end of what was started."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0  # s for what is to happen at once: a shared machine may stand still for a while
WEDGED = "engine may now behave abnormally"
PEER = "realtime.stage.peer"


class JackWedgedError(Exception):
    """The server says of itself that it behaves abnormally: what runs on it shows nothing.

    JACK 2 in its synchronous mode may come to this when a client comes or goes in the wrong moment,
    and then takes the time of twenty periods for one, for good. Try again on another server.
    """


def wait_until(
    happened: Callable[[], object],
    failure: str,
    more: Callable[[], str] = str,
    log: Path | None = None,
) -> None:
    """Raises TimeoutError of `failure` and what `more` says; by the `log`, JackWedgedError."""
    began = time.monotonic()
    while not happened():
        waited = time.monotonic() - began
        if waited > PATIENCE / 6 and log and wedged(log):
            raise JackWedgedError(failure)
        if waited > PATIENCE:
            raise TimeoutError(f"{failure}; {more()}")
        time.sleep(0.05)


def wedged(log: Path) -> bool:
    """A client that is killed costs a few lines, a server that is wedged one a period."""
    return log.exists() and log.read_text().count(WEDGED) > 10


def end(process: subprocess.Popen[bytes], patience: float = 5) -> None:
    """Stop a process that we started, by its id; a peer leaves when nothing more is to be said."""
    if process.stdin and isinstance(process.args, tuple) and PEER in process.args:
        process.stdin.close()
        process.wait(PATIENCE)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()
