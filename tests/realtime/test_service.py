"""The engine as a process, without a player: what it is told by its pipe, and what it says."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pythonosc.osc_message import OscMessage

from presets import archive
from presets.bar import Meter
from presets.folders import shipped
from presets.install import install
from presets.preset import read
from realtime import household, wire
from realtime.events import NoteOff, NoteOn, Play, Rolling, ToPlayer, Woke
from realtime.inbox import Inbox
from realtime.ports.osc import encode
from realtime.settings import OscSettings, Settings

BAR, LEAD = 3840, 120
PATIENCE = 60.0  # s


class Engine:
    """The process, the plans that it sent, and what it echoed."""

    def __init__(
        self, settings: Settings, folder: Path, *, again: bool = False, state: bytes = b""
    ) -> None:
        self.settings = settings
        self.said = folder / "said.txt"
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", settings.osc.echo_port))
        self.ear.settimeout(PATIENCE)
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "realtime.service"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )  # fmt: skip
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.plans: Inbox[Play] = Inbox()
        self.kept: Inbox[household.Keep] = Inbox()
        self.tell(household.Begin(settings, Meter(), "", again, state))
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
            else:
                message = msgspec.msgpack.decode(payload, type=household.ToSupervisor)
                if isinstance(message, household.Keep):
                    self.kept.put(message)

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


# --- another preset -------------------------------------------------------------------------------


@pytest.fixture
def other_preset(tiny_preset: Path, tmp_path: Path) -> Path:
    """The tiny preset by another name."""
    folder = tmp_path / "other"
    shutil.copytree(tiny_preset, folder)
    facts = json.loads((folder / "preset.json").read_text())
    (folder / "preset.json").write_text(json.dumps({**facts, "name": "other"}))
    return folder


def load(engine: Engine, folder: Path) -> None:
    """By OSC, as a surface does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface:
        datagram = encode("/glissar/preset/load", (str(folder),))
        surface.sendto(datagram, ("127.0.0.1", engine.settings.osc.port))


def test_another_preset_is_loaded_while_playing_and_takes_over_at_a_line(
    settings: Settings, other_preset: Path, tmp_path: Path, engines: list[Engine]
) -> None:
    """What an engine that died played last, the next one plays; and a replay swaps there too."""
    log = tmp_path / "take.jsonl"
    logged = msgspec.structs.replace(settings, log=str(log), knobs={"density": 0.5})
    engine = Engine(logged, tmp_path)
    engines.append(engine)
    engine.tell(Rolling(0))
    engine.play_a_bar(0)
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    load(engine, other_preset)
    states = [engine.wait_for_echo("/glissar/preset/state")[0] for _ in range(2)]
    assert states == ["loading", "ready"]
    engine.play_a_bar(1)
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    assert engine.wait_for_echo("/glissar/preset/name") == ["other"]
    for number in (2, 3):
        engine.play_a_bar(number)
    plans = [engine.plans.take(time.monotonic() + PATIENCE) for _ in range(8)]
    assert all(plans)
    starts = {play.plan.start for play in plans if play}
    assert starts == {BAR * number for number in (1, 2, 3, 4)}
    kept = engine.kept.take(time.monotonic() + PATIENCE)
    while kept and str(other_preset).encode() not in kept.state:
        kept = engine.kept.take(time.monotonic() + PATIENCE)
    assert kept
    engine.process.kill()
    engine.end()

    again = Engine(logged, tmp_path, again=True, state=kept.state)
    engines.append(again)
    assert again.wait_for_echo("/glissar/preset/name") == ["other"]
    assert again.end() == 0
    done = subprocess.run(
        [sys.executable, "-m", "realtime", "replay", str(log)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert ", 0 of them made otherwise" in done.stdout


def test_a_preset_that_is_installed_meanwhile_is_told_and_loaded_by_its_name(
    settings: Settings,
    tiny_preset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engines: list[Engine],
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    engine = Engine(settings, tmp_path)
    engines.append(engine)
    assert engine.wait_for_echo("/glissar/preset/entries") == shipped()
    (tmp_path / "tiny.zip").write_bytes(archive.pack(read(tiny_preset)))
    install(archive.unpack(tmp_path / "tiny.zip"), "mine", read)
    load(engine, Path("mine"))
    assert engine.wait_for_echo("/glissar/preset/entries") == [*shipped(), "mine"]
    assert engine.wait_for_echo("/glissar/preset/state") == ["ready"]
    assert engine.end() == 0


@pytest.mark.parametrize("spoilt", ["nowhere", "decoder.onnx", "golden.npz", "meter"])
def test_a_preset_that_cannot_play_leaves_the_old_one_playing(
    settings: Settings, other_preset: Path, tmp_path: Path, engines: list[Engine], spoilt: str
) -> None:
    if spoilt == "nowhere":
        shutil.rmtree(other_preset)
    elif spoilt == "meter":
        facts = (other_preset / "preset.json").read_text()
        (other_preset / "preset.json").write_text(facts.replace('"4/4"', '"8/8"'))
    else:
        (other_preset / spoilt).write_bytes(b"garbage")
    engine = Engine(settings, tmp_path)
    engines.append(engine)
    engine.tell(Rolling(0))
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    load(engine, other_preset)
    while engine.wait_for_echo("/glissar/preset/state") != ["failed"]:
        pass
    assert engine.wait_for_echo("/glissar/error")[0] == "preset"
    engine.play_a_bar(0)
    play = engine.plans.take(time.monotonic() + PATIENCE)
    assert play
    assert [note.pitch for note in play.plan.notes] == [60]
    assert engine.end() == 0
