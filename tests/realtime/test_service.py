"""The engine as a process, without a player: what it is told by its pipe, and what it says."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pythonosc.osc_message import OscMessage
from pythonoscquery.osc_query_client import OSCQueryClient
from websockets.sync.client import ClientConnection, connect
from zeroconf import ServiceInfo

from presets import archive
from presets.bar import Meter
from presets.folders import shipped
from presets.install import install
from presets.preset import read as read_preset
from realtime import household, midifile, wire
from realtime.events import (
    Claim,
    Control,
    Feed,
    NoteOff,
    NoteOn,
    Play,
    Report,
    Rolling,
    ToPlayer,
    Turned,
    Woke,
)
from realtime.inbox import Inbox
from realtime.log import read
from realtime.ports.osc import encode
from realtime.settings import ControllerSettings, OscSettings, Settings, WebSettings
from realtime.stage.free import free_port
from realtime.states import STATE, STATES

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
        state: bytes = b"",
        program: tuple[str, ...] = ("-m", "realtime.service"),
    ) -> None:
        self.settings = settings
        self.said = folder / "said.txt"
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Echoes wait there while a test sends: on a busy machine, more than the usual 277 of them.
        self.ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
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
        self.kept: Inbox[household.Keep] = Inbox()
        self.claims: Inbox[Claim] = Inbox()
        self.fed: Inbox[Feed] = Inbox()
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
                elif isinstance(message, Claim):
                    self.claims.put(message)
                elif isinstance(message, Feed):
                    self.fed.put(message)
            else:
                message = msgspec.msgpack.decode(payload, type=household.ToSupervisor)
                if isinstance(message, household.Keep):
                    self.kept.put(message)

    def next_echo(self) -> OscMessage:
        return OscMessage(self.ear.recv(65536))

    def wait_for_echo(self, address: str) -> list[Any]:
        while (message := self.next_echo()).address != address:
            pass
        return message.params

    def wait_for_states(self, *names: str) -> dict[str, Any]:
        """Until all of them are told; then all that were."""
        told: dict[str, Any] = {}
        while not set(names) <= told.keys():
            message = self.next_echo()
            if message.address.startswith(f"{STATE}/"):
                (told[message.address.removeprefix(f"{STATE}/")],) = message.params
        return told

    def ask(self, address: str) -> None:
        self.set("/glissar/query", address)

    def set(self, address: str, *args: Any) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            where = (self.settings.osc.host, self.settings.osc.port)
            mouth.sendto(encode(address, args), where)

    def top(self) -> str:
        """The words that `glissar top --once` shows."""
        port = str(self.settings.osc.port)
        done = subprocess.run(
            [sys.executable, "-m", "realtime", "top", "--once", "--port", port],
            capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        return " ".join(done.stdout.split())

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
def settings(tiny_preset: Path, free_udp_port: int, tmp_path: Path) -> Settings:
    osc = OscSettings(port=free_udp_port, echo_port=free_udp_port + 1)
    web = WebSettings(on=False, port=free_udp_port)
    return Settings(
        preset=str(tiny_preset), osc=osc, web=web, log="/dev/full", snapshots=str(tmp_path)
    )


@pytest.fixture
def engines() -> Iterator[list[Engine]]:
    """Those that are still there are killed."""
    started: list[Engine] = []
    yield started
    for engine in started:
        engine.process.kill()
        engine.end()


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


def send(engine: Engine, address: str, *args: Any) -> None:
    """By OSC, as a surface does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface:
        surface.sendto(encode(address, args), ("127.0.0.1", engine.settings.osc.port))


def load(engine: Engine, folder: Path) -> None:
    send(engine, "/glissar/preset/load", str(folder))


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
    starts: list[int] = []
    while 4 * BAR not in starts:
        play = engine.plans.take(time.monotonic() + PATIENCE)
        assert play
        starts.append(play.plan.start)
    assert set(starts) == {BAR * number for number in (1, 2, 3, 4)}
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
    (tmp_path / "tiny.zip").write_bytes(archive.pack(read_preset(tiny_preset)))
    install(archive.unpack(tmp_path / "tiny.zip"), "mine", read_preset)
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


# --- snapshots ------------------------------------------------------------------------------------


def test_a_snapshot_outlives_an_engine_that_is_killed(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    kept = msgspec.structs.replace(settings, log="", snapshots=str(tmp_path / "kept"))
    engine = Engine(kept, tmp_path)
    engines.append(engine)
    assert engine.wait_for_echo("/glissar/snapshot/entries") == []
    send(engine, "/glissar/knob/density", 0.5)
    send(engine, "/glissar/snapshot/save", "verse")
    assert engine.wait_for_echo("/glissar/snapshot/entries") == ["verse"]
    while not list((tmp_path / "kept").glob("*.json")):
        time.sleep(0.01)
    engine.process.kill()
    engine.end()

    again = Engine(kept, tmp_path)
    engines.append(again)
    assert again.wait_for_echo("/glissar/snapshot/entries") == ["verse"]
    send(again, "/glissar/snapshot/recall", "verse")
    assert again.wait_for_echo("/glissar/knob/density") == [0.5]
    send(again, "/glissar/undo")
    assert again.wait_for_echo("/glissar/knob/density") == [0.0]
    send(again, "/glissar/snapshot/recall", "chorus")
    said = ["snapshot", "there is no snapshot chorus; there are: verse."]
    assert again.wait_for_echo("/glissar/error") == said
    assert again.end() == 0


# --- a controller ---


def test_a_knob_is_learnt_turned_logged_and_told_what_others_set(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    """It jumps, as a ring does; what it is told comes back, and ends there."""
    log, knob = tmp_path / "take.jsonl", "/glissar/knob/density"
    file = str(tmp_path / "map" / "cc.json")
    controller = ControllerSettings(output="rings", takeover="jump", map=file)
    logged = msgspec.structs.replace(settings, log=str(log), controller=controller)
    engine = Engine(logged, tmp_path)
    engines.append(engine)
    assert engine.claims.take() == Claim()
    assert engine.wait_for_echo("/glissar/cc/entries") == []
    assert engine.wait_for_echo("/glissar/cc/learning") == [""]
    send(engine, "/glissar/cc/learn", knob)
    assert engine.wait_for_echo("/glissar/cc/learning") == [knob]
    assert engine.claims.take() == Claim((), True)
    for number in (0, 127):
        engine.tell(Turned(time.monotonic(), bytes((0xB0, 74, number))))
    assert engine.wait_for_echo("/glissar/cc/entries") == [f"1:74 {knob}"]
    assert engine.claims.take() == Claim(((0, 74),))
    assert engine.fed.take() == Feed((b"\xb0\x4a\x40",))  # where it stands: at neutral
    engine.tell(Turned(time.monotonic(), b"\xb0\x4a\x00"))
    assert engine.wait_for_echo(knob) == [-1.0]
    send(engine, knob, 1.0)
    assert engine.fed.take() == Feed((b"\xb0\x4a\x7f",))
    engine.tell(Turned(time.monotonic(), b"\xb0\x4a\x7f"))
    while engine.wait_for_states("cc_echoes")["cc_echoes"] < 1:
        pass
    send(engine, "/glissar/undo")
    [before] = engine.wait_for_echo(knob)  # a sweep is one step, by two hands too
    assert engine.fed.take() == Feed((bytes((0xB0, 74, {0.0: 64, -1.0: 0}[before])),))
    send(engine, "/glissar/cc/forget", knob)
    assert engine.wait_for_echo("/glissar/cc/entries") == []
    send(engine, "/glissar/cc/forget", knob)
    assert engine.wait_for_echo("/glissar/error") == ["cc", f"no controller turns {knob}."]
    assert engine.end() == 0
    settled = [line for line in read(log)[0].events if isinstance(line, Control)]
    turns = [s for line in settled for s in line.settings if s[0] == knob]
    assert turns == [(knob, (-1.0,)), (knob, (1.0,))]  # the echo set nothing


def test_the_music_goes_on_without_a_map_that_is_none(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    file = tmp_path / "cc.json"
    file.write_text("[")
    controller = ControllerSettings(map=str(file))
    engine = Engine(msgspec.structs.replace(settings, controller=controller), tmp_path)
    engines.append(engine)
    code, sentence = engine.wait_for_echo("/glissar/error")
    while code != "cc":
        code, sentence = engine.wait_for_echo("/glissar/error")
    assert sentence.startswith(f"{file} is no map of controllers (")
    engine.tell(Rolling(0))
    engine.play_a_bar(0)
    assert engine.plans.take(time.monotonic() + PATIENCE)
    assert engine.end() == 0
    assert file.read_text() == "["


# --- what is counted ---


def test_counters_of_all_are_told_shown_and_logged(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    """The player's, the household's and the engine's own; what was dropped is summed."""
    log = tmp_path / "take.jsonl"
    turned = msgspec.structs.replace(settings, log=str(log), knobs={"density": 0.5})
    engine = Engine(turned, tmp_path)
    engines.append(engine)
    engine.tell(Rolling(0))
    engine.tell(Report({"late": 1.0, "jitter_p99": 9.5, "dropped": 2.0}))
    engine.tell(Report({"reconnects": 4.0, "dropped": 30.0}, of="household"))
    engine.play_a_bar(0)
    assert engine.plans.take()
    told = engine.wait_for_states("late", "jitter_p99", "dropped", "reconnects", "inference_p99")
    assert [told[n] for n in ("late", "jitter_p99", "dropped", "reconnects")] == [1, 9.5, 32, 4]
    while told["inference_p99"] == 0:
        told |= engine.wait_for_states("inference_p99")
    assert told["queue_engine"] >= 1
    assert set(told) <= set(STATES)
    shown = engine.top()
    assert shown.startswith("tiny follow residual")
    for line in ("late 1 !", "dropped 32 !", "reconnects 4 !", "jitter_p99 9.5 !"):
        assert line in shown
    assert engine.end() == 0
    logged = [line for line in read(log)[0].events if isinstance(line, Report)]
    assert logged[0].of == logged[-1].of == "all"
    assert len(logged) >= 2  # at once, and at the end
    assert (logged[-1].counts["dropped"], logged[-1].counts["reconnects"]) == (32, 4)


def test_an_engine_that_is_asked_tells_all_that_is_known(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    engine = Engine(msgspec.structs.replace(settings, log=""), tmp_path)
    engines.append(engine)
    engine.wait_for_echo("/glissar/preset/name")
    engine.ask("/glissar/knob/loudness")  # there is none
    assert engine.wait_for_echo("/glissar/error")[0] == "unknown-address"
    engine.ask("/glissar")
    engine.ask("/glissar/delay")
    told: list[str] = []
    while told.count("/glissar/delay") < 2:
        told.append(engine.next_echo().address)
    assert {"/glissar/knob/density", "/glissar/error/last", "/glissar/mode"} <= set(told)
    assert "/glissar/error" not in told
    engine.ask("/glissar/error/last")
    _, sentence = engine.wait_for_echo("/glissar/error/last")
    assert sentence == "nothing is known of /glissar/knob/loudness."


# --- Link ---


def test_a_source_that_is_not_installed_is_refused_and_the_old_one_told(
    settings: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    program = "import sys; sys.modules['aalink'] = None; from realtime.service import main; main()"
    quiet = msgspec.structs.replace(settings, log="")
    engine = Engine(quiet, tmp_path, program=("-c", program))
    engines.append(engine)
    source = "/glissar/transport/source"
    assert engine.wait_for_echo(source) == ["internal"]
    send(engine, source, "link")
    sentence = "Ableton Link needs aalink: pip install '.[link]'."
    assert engine.wait_for_echo("/glissar/error") == ["link", sentence]
    assert engine.wait_for_echo(source) == ["internal"]
    assert engine.end() == 0


# --- the web server -------------------------------------------------------------------------------


@pytest.fixture
def with_web(settings: Settings) -> Settings:
    web = WebSettings(port=free_port(socket.SOCK_STREAM))
    return msgspec.structs.replace(settings, web=web, log="")


def ask(engine: Engine, path: str) -> dict[str, Any]:
    url = f"http://127.0.0.1:{engine.settings.web.port}{path}"
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return json.load(answer)


@contextlib.contextmanager
def client(engine: Engine, *paths: str) -> Iterator[ClientConnection]:
    """One that listens: the server answers in turn, so it does by now."""
    uri = f"ws://127.0.0.1:{engine.settings.web.port}"
    with connect(uri, open_timeout=PATIENCE) as made:
        for path in (*paths, "/nothing"):
            made.send(json.dumps({"COMMAND": "LISTEN", "DATA": path}))
        while not isinstance(made.recv(PATIENCE), str):
            pass
        yield made


def wait_for_value(client: ClientConnection, address: str, value: Any) -> None:
    while True:
        data = client.recv(PATIENCE)
        message = OscMessage(data) if isinstance(data, bytes) else None
        if message and (message.address, message.params) == (address, [value]):
            return


def test_every_surface_is_told_what_one_of_them_sets(
    with_web: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    engine = Engine(with_web, tmp_path)
    engines.append(engine)
    assert engine.wait_for_echo("/glissar/mode") == ["follow"]
    knob = "/glissar/knob/density"
    with client(engine, knob) as one, client(engine, "/glissar/knob") as other:
        one.send(encode(knob, (7,)))
        assert engine.wait_for_echo(knob) == [0.0]
        assert engine.wait_for_echo(knob) == [1.0]
        for surface in (one, other):
            wait_for_value(surface, knob, 1.0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface:
            surface.sendto(encode(knob, (-0.5,)), ("127.0.0.1", with_web.osc.port))
        for surface in (one, other):
            wait_for_value(surface, knob, -0.5)
        for step in range(200):  # two hands on one knob
            one.send(encode(knob, (step / 200,)))
            other.send(encode(knob, (-step / 200,)))
        one.send(encode("/glissar/mode", ("freeze",)))
        while engine.wait_for_echo("/glissar/mode") != ["freeze"]:
            pass
        other.send(encode(knob, (0.25,)))
        for surface in (one, other):
            wait_for_value(surface, knob, 0.25)
    assert ask(engine, f"{knob}?VALUE") == {"VALUE": [0.25]}
    assert ask(engine, "/glissar/mode?VALUE") == {"VALUE": ["freeze"]}
    assert engine.end() == 0


def test_what_a_client_sets_changes_the_answer(
    with_web: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    engine = Engine(with_web, tmp_path)
    engines.append(engine)
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    engine.tell(Rolling(0))
    with client(engine, "/glissar/edit") as surface:
        surface.send(encode("/glissar/knob/density", (1.0,)))
        surface.send(encode("/glissar/edit", ("full",)))
        wait_for_value(surface, "/glissar/edit", "full")
    engine.play_a_bar(0)
    dry, answer = (engine.plans.take(time.monotonic() + PATIENCE) for _ in range(2))
    assert dry
    assert answer
    assert [note.pitch for note in dry.plan.notes] == [60]
    assert answer.plan.notes != dry.plan.notes
    assert engine.end() == 0


def test_clients_are_told_of_another_preset(
    with_web: Settings, other_preset: Path, tmp_path: Path, engines: list[Engine]
) -> None:
    engine = Engine(with_web, tmp_path)
    engines.append(engine)
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    engine.tell(Rolling(0))
    with client(engine, "/glissar/preset") as surface:
        surface.send(encode("/glissar/preset/load", (str(other_preset),)))
        wait_for_value(surface, "/glissar/preset/state", "ready")
        engine.play_a_bar(0)
        engine.play_a_bar(1)
        while not isinstance(told := surface.recv(PATIENCE), str):
            pass
        assert json.loads(told) == {"COMMAND": "PATH_CHANGED", "DATA": "/glissar"}
        wait_for_value(surface, "/glissar/preset/name", "other")
    assert ask(engine, "/glissar/preset/name")["VALUE"] == ["other"]
    assert engine.end() == 0


def test_the_music_goes_on_where_the_port_of_the_web_is_taken(
    with_web: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        web = WebSettings(port=taken.getsockname()[1])
        engine = Engine(msgspec.structs.replace(with_web, web=web), tmp_path)
        engines.append(engine)
        code, sentence = engine.wait_for_echo("/glissar/error")
        assert code == "web"
        assert sentence.startswith(f"TCP port {web.port} is taken")
        engine.tell(Rolling(0))
        engine.play_a_bar(0)
        assert engine.plans.take(time.monotonic() + PATIENCE)
        assert engine.end() == 0


def test_a_log_is_given_away_and_the_token_is_not(
    with_web: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    web = msgspec.structs.replace(with_web.web, token="s3cret", host="0.0.0.0")
    log = tmp_path / "take.jsonl"
    engine = Engine(msgspec.structs.replace(with_web, web=web, log=str(log)), tmp_path)
    engines.append(engine)
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    assert engine.end() == 0
    assert '"settings"' in log.read_text()
    assert "s3cret" not in log.read_text()
    assert "s3cret" in engine.said.read_text()  # where a person reads it


def test_a_client_that_others_wrote_reads_the_tree(
    with_web: Settings, tmp_path: Path, engines: list[Engine]
) -> None:
    """python-oscquery, which knows no node that has a value and others below it, nor one that is
    only set; all the others it reads."""
    engine = Engine(with_web, tmp_path)
    engines.append(engine)
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    here = [socket.inet_aton("127.0.0.1")]
    kind = "_oscjson._tcp.local."
    theirs = OSCQueryClient(ServiceInfo(kind, f"x.{kind}", port=with_web.web.port, addresses=here))
    host = theirs.get_host_info()
    assert host
    assert (host.name, host.osc_port, host.osc_transport) == ("glissar", with_web.osc.port, "UDP")
    assert host.extensions["LISTEN"]
    read = 0
    for node in _nodes(ask(engine, "/")):
        if "VALUE" in node and "CONTENTS" not in node:
            theirs_too = theirs.query_node(node["FULL_PATH"])
            assert theirs_too
            assert theirs_too.value == node["VALUE"]
            assert theirs_too.access == node["ACCESS"]
            assert theirs_too.description == node["DESCRIPTION"]
            read += 1
    assert read > 8
    assert theirs.query_node("/glissar/nothing") is None
    assert engine.end() == 0


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("CONTENTS", {}).values():
        yield from _nodes(below)


def test_what_is_recorded_is_a_file_that_is_told(settings: Settings, tmp_path: Path) -> None:
    told = msgspec.structs.replace(settings, log="", recordings=str(tmp_path / "recordings"))
    engine = Engine(told, tmp_path)
    engine.wait_for_echo("/glissar/transport/meter")
    engine.set("/glissar/record", 1)
    assert engine.wait_for_echo("/glissar/record") == [1]
    engine.tell(Rolling(0))
    engine.play_a_bar(0)
    assert engine.wait_for_echo("/glissar/window/heard")[:6] == [BAR, BAR, 0, 900, 60, 80]
    engine.set("/glissar/record", 0)
    (file,) = engine.wait_for_echo("/glissar/record/file")
    assert midifile.read(Path(file)).messages == ((0, b"\x90\x3c\x50"), (900, b"\x80\x3c\x40"))
    assert engine.end() == 0


def test_what_an_engine_recorded_that_was_killed_is_a_file_too(
    settings: Settings, tmp_path: Path
) -> None:
    told = msgspec.structs.replace(settings, log="", recordings=str(tmp_path / "recordings"))
    engine = Engine(told, tmp_path)
    engine.wait_for_echo("/glissar/transport/meter")
    engine.set("/glissar/record", 1)
    assert engine.wait_for_echo("/glissar/record") == [1]
    engine.tell(Rolling(0))
    engine.play_a_bar(0)
    until = time.monotonic() + PATIENCE
    while not any(b'"p"' in p.read_bytes() for p in (tmp_path / "recordings").glob(".*.part")):
        assert time.monotonic() < until
        time.sleep(0.01)
    engine.process.kill()
    engine.end()
    again = Engine(told, tmp_path, again=True)
    (file,) = again.wait_for_echo("/glissar/record/file")
    assert midifile.read(Path(file)).messages[0] == (0, b"\x90\x3c\x50")
    assert again.end() == 0


def test_where_the_window_is_on_the_map_is_told_and_set(
    settings: Settings,
    mapped_preset: Path,
    tiny_preset: Path,
    tmp_path: Path,
    engines: list[Engine],
) -> None:
    """Of the dry window, of its answer, and not of a preset that has no map."""
    on = WebSettings(on=True, port=settings.web.port)
    engine = Engine(
        msgspec.structs.replace(settings, preset=str(mapped_preset), log="", web=on), tmp_path
    )
    engines.append(engine)
    engine.tell(Rolling(0))
    engine.play_a_bar(0)
    _, dry = engine.wait_for_echo("/glissar/map/density")
    send(engine, "/glissar/free/density/target", 1.0 if dry < 0.5 else 0.0)
    _, moved = engine.wait_for_echo("/glissar/map/density")
    assert moved == (1.0 if dry < 0.5 else 0.0)
    with urllib.request.urlopen(f"http://127.0.0.1:{on.port}/panel/map.json") as answer:
        assert len(json.load(answer)["planes"]) == 2
    load(engine, tiny_preset)
    assert engine.wait_for_echo("/glissar/preset/state") == ["loading"]
    assert engine.wait_for_echo("/glissar/preset/state") == ["ready"]
    engine.play_a_bar(1)
    assert engine.wait_for_echo("/glissar/preset/state") == ["idle"]
    with urllib.request.urlopen(f"http://127.0.0.1:{on.port}/panel/map.json") as answer:
        assert json.load(answer)["planes"] == []
    engine.ask("/glissar/map/density")
    assert engine.wait_for_echo("/glissar/error")[0] == "unknown-address"
    assert engine.end() == 0
