"""`glissar play` when its parts are killed: no note hangs, and it comes back by itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.ports

IN, OUT = "glissar-in:in", "glissar-out:out"
DRY = 0  # the channel of thru
PATIENCE = 20  # s
# A key every second, none let go for 100 s: who closes one before is not the one who plays.
HELD = (9_600_000, *((second * 48_000, 20 + second, 4_800_000) for second in range(100)))


class House:
    """A running `glissar play` with its own song, and what it says."""

    def __init__(self, jack: Any, preset: Path, port: int) -> None:
        self.said, self.port = jack.folder / "said.txt", port
        ports = ("--osc-port", str(port), "--echo-port", str(port + 1), "--no-web")
        with self.said.open("wb") as said:
            self.process = jack.python(
                "-m", "realtime", "play", "--preset", str(preset), *ports, stderr=said
            )
        self.jack = jack
        self.wait_said("is ready")

    def wait_said(self, words: str) -> None:
        self.jack.wait(lambda: words in self.said.read_text(), f"it does not say {words!r}")

    def child(self, module: str) -> int:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        lines = {c: Path(f"/proc/{c}/cmdline").read_bytes() for c in children}
        return next(int(c) for c, line in lines.items() if module.encode() in line)

    def top(self) -> str:
        """The words that `glissar top --once` shows."""
        done = subprocess.run(
            [sys.executable, "-m", "realtime", "top", "--once", "--port", str(self.port)],
            capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        return " ".join(done.stdout.split())


@pytest.fixture
def house(jack: Any, tiny_preset: Path, free_udp_port: int) -> House:
    return House(jack, tiny_preset, free_udp_port)


def test_a_killed_player_leaves_no_note_and_comes_back(jack: Any, house: House):
    peer = jack.peer()
    peer.connect(OUT, peer.port)
    peer.connect(peer.keys, IN)
    peer.strike(*HELD)
    time.sleep(2)  # the player has seen its connections
    jack.wait(lambda: peer.sounding(DRY), "no note came through")
    os.kill(house.child("realtime.player"), signal.SIGKILL)
    peer.wait_for_silence(DRY)
    house.wait_said("The player is back.")
    jack.wait(lambda: peer.sounding(DRY), "the source was not connected again")
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(PATIENCE) == 0
    peer.wait_for_silence(DRY)


def test_top_shows_how_it_goes_and_what_came_back(jack: Any, house: House):
    peer = jack.peer()
    peer.connect(OUT, peer.port)
    peer.connect(peer.keys, IN)
    peer.strike(48_000, *((eighth * 6_000, 60 + eighth, 3_000) for eighth in range(8)))
    played = r"tiny follow residual rolls 120 BPM .* thru_p50 0\.\d"
    jack.wait(lambda: re.search(played, house.top()), "no times of what was passed on")
    os.kill(house.child("realtime.service"), signal.SIGKILL)
    house.wait_said("The engine is back.")
    os.kill(house.child("realtime.player"), signal.SIGKILL)
    house.wait_said("The player is back.")
    back = ("player_restarts 1 !", "engine_restarts 1 !")
    jack.wait(lambda: all(words in house.top() for words in back), "no restarts are told")
    house.process.terminate()
    assert house.process.wait(PATIENCE) == 0


def test_a_signal_is_a_panic_button(jack: Any, house: House):
    peer = jack.peer()
    peer.connect(OUT, peer.port)
    peer.connect(peer.keys, IN)
    peer.strike(9_600_000, (0, 60, 9_000_000))
    peer.wait_for_notes(DRY, 1)
    house.process.send_signal(signal.SIGUSR1)
    peer.wait_for_silence(DRY)
    peer.wait(
        lambda: sum(h.data[0] == 0x80 for h in peer.heard()) >= 128, "not every key was let go"
    )
    assert house.process.poll() is None


def test_a_killed_supervisor_leaves_no_note_and_no_process(jack: Any, house: House):
    peer = jack.peer()
    peer.connect(OUT, peer.port)
    peer.connect(peer.keys, IN)
    peer.strike(*HELD)
    jack.wait(lambda: peer.sounding(DRY), "no note came through")
    children = [house.child("realtime.player"), house.child("realtime.service")]
    house.process.kill()
    peer.wait_for_silence(DRY)
    for pid in children:
        jack.wait(lambda pid=pid: not Path(f"/proc/{pid}").exists(), "a child stays")


def test_a_midi_server_that_goes_and_comes_back(jack: Any, tiny_preset: Path, free_udp_port: int):
    """The player waits for the server and takes the song up; the engine lives on."""
    rig = type(jack)({**jack.env, "JACK_DEFAULT_SERVER": "glissar_lost"}, jack.folder)

    def serve() -> subprocess.Popen[bytes]:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = ("jackd", "-r", "-S", "-n", "glissar_lost", "-d", "dummy", "-p", "256")
        server = rig.spawn(*command, **silent)
        rig.wait_for("system:capture_1")
        return server

    try:
        server = serve()
        house = House(rig, tiny_preset, free_udp_port)
        engine = house.child("realtime.service")
        server.kill()
        server.wait()
        house.wait_said("The MIDI ports are gone")
        time.sleep(1)
        serve()
        house.wait_said("The player is back.")
        assert OUT in rig.ports()
        assert house.child("realtime.service") == engine
        assert house.said.read_text().count("gone") <= 2  # once here, once from the engine's port
        house.process.terminate()
        assert house.process.wait(PATIENCE) == 0
    finally:
        rig.stop_all()
