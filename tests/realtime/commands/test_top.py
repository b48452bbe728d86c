"""`glissar top` as a process, beside a real port that answers as an engine does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from realtime.ports.osc import Heard, OscPort
from realtime.settings import OscSettings
from realtime.states import is_at

PATIENCE = 20.0  # seconds; only a failing test waits so long
TOP = (sys.executable, "-m", "realtime", "top")


class Speaker:
    """Tells of what it knows whoever asks for it."""

    def __init__(self, port: int) -> None:
        self.known: dict[str, Any] = {
            "/glissar/preset/name": "bach",
            "/glissar/mode": "follow",
            "/glissar/knob/density": 0.5,
            "/glissar/state/late": 3.0,
        }
        self._settings = OscSettings(port=port, echo_port=port + 1)
        self.open()

    def open(self) -> None:
        self.port = OscPort(self._settings, self._answer)
        self.port.start()

    def tell(self, address: str, value: Any) -> None:
        self.known[address] = value
        self.port.echo(address, (value,))

    def _answer(self, heard: Heard) -> None:
        for _, (asked,) in heard.settings:
            for address in self.known:
                if is_at(address, asked):
                    self.port.echo(address, (self.known[address],))


class Terminal:
    """`glissar top` in a terminal of its own."""

    def __init__(self, port: int) -> None:
        pty = pytest.importorskip("pty")
        self.screen, end = pty.openpty()
        self.process = subprocess.Popen(
            (*TOP, "--port", str(port)),
            stdin=end, stdout=end, stderr=end,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        )  # fmt: skip
        os.close(end)
        os.set_blocking(self.screen, False)
        self.shown = b""

    def read(self) -> bytes:
        try:
            while some := os.read(self.screen, 65_536):
                self.shown += some
        except OSError:  # nothing more just now, or it is gone
            pass
        return self.shown

    def wait(self, words: str) -> None:
        """Until they are shown, which were not before."""
        self.read()
        self.shown, patience = b"", time.monotonic() + PATIENCE
        while words.encode() not in self.read():
            assert time.monotonic() < patience, self.shown[-2000:]
            time.sleep(0.02)

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        patience = time.monotonic() + PATIENCE
        while (code := self.process.poll()) is None:
            assert time.monotonic() < patience, self.shown[-2000:]
            self.read()  # a terminal that nobody reads holds up who writes to it
            time.sleep(0.02)
        self.read()
        os.close(self.screen)
        return code


@pytest.fixture
def speaker(free_udp_port: int) -> Iterator[Speaker]:
    speaker = Speaker(free_udp_port)
    yield speaker
    speaker.port.close()


def once(port: int, *flags: str) -> subprocess.CompletedProcess[str]:
    command = (*TOP, "--port", str(port), *flags)
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("flags", [("--once",), ()])
def test_one_picture_for_who_is_no_terminal(
    speaker: Speaker, free_udp_port: int, flags: tuple[str, ...]
) -> None:
    done = once(free_udp_port, *flags)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("bach  follow")
    assert [line.split()[:2] for line in done.stdout.splitlines() if "density" in line] == [
        ["density", "+0.50"]
    ]
    assert "3 !" in done.stdout


def test_where_there_is_no_glissar_a_sentence_says_so(free_udp_port: int) -> None:
    done = once(free_udp_port, "--once")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"glissar: no glissar answers on UDP port {free_udp_port}; start `glissar play`, or give "
        "the port of its controls with --port.\n"
    )


def test_a_port_that_is_none_is_refused() -> None:
    done = once(70_000)
    assert done.returncode == 2
    assert "65535" in done.stderr


def test_in_a_terminal_it_follows_what_is_told_until_ctrl_c(
    speaker: Speaker, free_udp_port: int
) -> None:
    terminal = Terminal(free_udp_port)
    try:
        terminal.wait("bach")
        speaker.tell("/glissar/mode", "freeze")
        terminal.wait("freeze")
        speaker.port.close()
        terminal.wait("glissar is gone")
        speaker.known["/glissar/preset/name"] = "session"
        speaker.open()
        terminal.wait("session")  # it asked again for everything
    finally:
        code = terminal.end()
    assert code == 0
    assert b"Traceback" not in terminal.shown
    assert terminal.shown.rstrip().endswith(b"\x1b[?1049l")  # the screen is as it was before
