"""`glissar play` when its parts are killed: no note hangs, and it comes back by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.ports

IN, OUT = "glissar-in:in", "glissar-out:out"
DRY = 0  # the channel of thru


class House:
    """A running `glissar play` with its own song, and what it says."""

    def __init__(self, jack: Any, preset: Path, port: int) -> None:
        self.said = jack.folder / "said.txt"
        ports = ("--osc-port", str(port), "--echo-port", str(port + 1))
        with self.said.open("wb") as said:
            self.process = jack.python(
                "-m", "realtime", "play", "--preset", str(preset), *ports, stderr=said
            )
        self.wait_said("is ready")

    def wait_said(self, words: str, seconds: float = 10) -> None:
        wait(lambda: words in self.said.read_text(), words, seconds)

    def child(self, module: str) -> int:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        lines = {c: Path(f"/proc/{c}/cmdline").read_bytes() for c in children}
        return next(int(c) for c, line in lines.items() if module.encode() in line)


def wait(happened: Callable[[], object], what: str, seconds: float = 10) -> None:
    patience = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < patience, what
        time.sleep(0.02)


def sounding(monitor: Any, channel: int) -> set[int]:
    now: set[int] = set()
    for note in monitor.notes(channel):
        (now.add if note.data[0] & 0xF0 == 0x90 else now.discard)(note.data[1])
    return now


@pytest.fixture
def house(jack: Any, tiny_preset: Path, free_udp_port: int) -> House:
    return House(jack, tiny_preset, free_udp_port)


def test_a_killed_player_leaves_no_note_and_comes_back(jack: Any, house: House):
    monitor = jack.recorder()
    jack.connect(OUT, monitor.port)
    jack.connect(jack.notes(96_000, (0, 60, 90_000)), IN)  # nearly always down
    time.sleep(1.2)  # the player has seen its connections
    wait(lambda: sounding(monitor, DRY), "no note came through")
    os.kill(house.child("realtime.player"), signal.SIGKILL)
    wait(lambda: not sounding(monitor, DRY), "the note hangs", 3)
    house.wait_said("The player is back.")
    wait(lambda: sounding(monitor, DRY), "the source was not connected again", 5)
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(5) == 0
    wait(lambda: not sounding(monitor, DRY), "a note hangs at the end", 2)


def test_a_killed_supervisor_leaves_no_note_and_no_process(jack: Any, house: House):
    monitor = jack.recorder()
    jack.connect(OUT, monitor.port)
    jack.connect(jack.notes(96_000, (0, 60, 90_000)), IN)
    wait(lambda: sounding(monitor, DRY), "no note came through")
    children = [house.child("realtime.player"), house.child("realtime.service")]
    house.process.kill()
    wait(lambda: not sounding(monitor, DRY), "the note hangs", 3)
    for pid in children:
        wait(lambda pid=pid: not Path(f"/proc/{pid}").exists(), "a child stays", 5)


def test_a_midi_server_that_goes_and_comes_back(
    jack_env: dict[str, str], tiny_preset: Path, free_udp_port: int, tmp_path: Path
):
    """The player waits for the server and takes the song up; the engine lives on."""
    env = {**jack_env, "JACK_DEFAULT_SERVER": "glissar_lost"}
    command = ["jackd", "-r", "-S", "-n", "glissar_lost", "-d", "dummy", "-p", "256"]
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def serve() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=env, start_new_session=True, **silent)

    def ports() -> str:
        return subprocess.run(["jack_lsp"], env=env, capture_output=True, text=True).stdout

    class Rig:
        folder = tmp_path

        @staticmethod
        def python(*args: str, **how: Any) -> subprocess.Popen[bytes]:
            return subprocess.Popen([sys.executable, *args], env=env, start_new_session=True, **how)

    server = serve()
    try:
        wait(lambda: "system" in ports(), "jackd does not start")
        house = House(Rig, tiny_preset, free_udp_port)
        engine = house.child("realtime.service")
        server.kill()
        server.wait()
        house.wait_said("The MIDI ports are gone")
        time.sleep(1)
        server = serve()
        house.wait_said("The player is back.")
        assert OUT in ports()
        assert house.child("realtime.service") == engine
        assert house.said.read_text().count("gone") <= 2  # once here, once from the engine's port
        house.process.terminate()
        assert house.process.wait(5) == 0
    finally:
        server.terminate()
        server.wait()
