"""The engine as a process, without a player: what it is told by its pipe, and what it says."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.udp_client import SimpleUDPClient

from presets.bar import Meter
from realtime import household, wire
from realtime.events import NoteOff, NoteOn, Play, Rolling, ToPlayer, Woke
from realtime.inbox import Inbox
from realtime.settings import OscSettings, Settings

BAR, LEAD = 3840, 120
PATIENCE = 60.0  # s


class Engine:
    """The process, the plans that it sent, and what it echoed."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        again: bool = False,
        program: tuple[str, ...] = ("-m", "realtime.service"),
    ) -> None:
        self.said = folder / "said.txt"
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", settings.osc.echo_port))
        self.ear.settimeout(PATIENCE)
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, *program],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )  # fmt: skip
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.plans: Inbox[Play] = Inbox()
        self.tell(household.Begin(settings, Meter(), "", again, b""))
        threading.Thread(target=self._read, daemon=True).start()

    def tell(self, message: Any) -> None:
        self.stdin.write(wire.encode(message))
        self.stdin.flush()

    def _read(self) -> None:
        for destination, payload in wire.frames(self.stdout):
            if destination == wire.PEER:
                message = msgspec.msgpack.decode(payload, type=ToPlayer)
                if isinstance(message, Play):
                    self.plans.put(message)

    def wait_for_echo(self, address: str) -> list[Any]:
        while (message := OscMessage(self.ear.recv(65536))).address != address:
            pass
        return message.params

    def play_a_bar(self, number: int) -> None:
        start = number * BAR
        self.tell(NoteOn(start, 60 + number, 80))
        self.tell(NoteOff(start + 900, 60 + number))
        self.tell(Woke(start + BAR - LEAD))

    def end(self) -> int:
        self.stdin.close()
        code = self.process.wait(PATIENCE)
        self.stdout.close()
        self.ear.close()
        return code


@pytest.fixture
def settings(tiny_preset: Path, free_udp_port: int) -> Settings:
    osc = OscSettings(port=free_udp_port, echo_port=free_udp_port + 1)
    return Settings(preset=str(tiny_preset), osc=osc, log="/dev/full")


@pytest.fixture
def engines() -> Iterator[list[Engine]]:
    """Those that are still there are killed."""
    started: list[Engine] = []
    yield started
    for engine in started:
        if engine.process.poll() is None:
            engine.process.kill()
            engine.process.wait()


def test_the_music_goes_on_when_the_disk_under_the_log_is_full(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    """The fault is named once, and counted."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    engine = Engine(settings, tmp_path)
    engines.append(engine)
    engine.tell(Rolling(0))
    for number in range(3):
        engine.play_a_bar(number)
    for number in range(3):
        play = engine.plans.take()
        assert play
        assert (play.number, [n.pitch for n in play.plan.notes]) == (number + 1, [60 + number])
    code, sentence = engine.wait_for_echo("/glissar/error")
    assert code == "log"
    assert sentence.startswith("the log /dev/full loses lines (No space left on device)")
    assert engine.wait_for_echo("/glissar/state/log_lost")[0] >= 1
    assert engine.end() == 0
    assert engine.said.read_text().count("/dev/full") == 1


def test_an_engine_that_cannot_go_on_with_its_log_plays_without(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    gone = msgspec.structs.replace(settings, log=str(tmp_path / "gone" / "take.jsonl"))
    engine = Engine(gone, tmp_path, again=True)
    engines.append(engine)
    engine.tell(Rolling(0))
    engine.play_a_bar(0)
    assert engine.plans.take()
    assert engine.wait_for_echo("/glissar/error")[0] == "log"
    assert engine.end() == 0
    assert "cannot be written" in engine.said.read_text()


def test_a_source_that_is_not_installed_is_refused_and_the_old_one_told(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    program = "import sys; sys.modules['aalink'] = None; from realtime.service import main; main()"
    quiet = msgspec.structs.replace(settings, log="")
    engine = Engine(quiet, tmp_path, program=("-c", program))
    engines.append(engine)
    source = "/glissar/transport/source"
    assert engine.wait_for_echo(source) == ["internal"]
    with SimpleUDPClient("127.0.0.1", settings.osc.port) as surface:
        surface.send_message(source, "link")
    sentence = "Ableton Link needs aalink: pip install 'glissar[link]'."
    assert engine.wait_for_echo("/glissar/error") == ["link", sentence]
    assert engine.wait_for_echo(source) == ["internal"]
    assert engine.end() == 0
