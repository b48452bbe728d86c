"""A JACK server of the tests' own, and the peers that play with it.

The server has one fixed name: JACK2 keeps eight names for good, and names made of process ids would
fill them. Everything stays on this machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

SERVER = "glissar_test"
RATE, PERIOD = 48000, 128
TOOLS = ("jackd", "jack_lsp", "jack_connect", "jack_midi_dump", "jack_midiseq", "jack_midi_clock")
_EVENT = re.compile(r"\s*(\d+):((?: [0-9a-f]{2})+)")


@dataclass(frozen=True)
class Heard:
    """One message as the recorder saw it, exact to the frame."""

    frame: int
    data: bytes

    @property
    def seconds(self) -> float:
        return self.frame / RATE


@dataclass
class Recorder:
    """`jack_midi_dump` into a file; connect what it is to hear to `port`."""

    port: str
    path: Path

    def heard(self) -> list[Heard]:
        found = [_EVENT.match(line) for line in self.path.read_text().splitlines()]
        return [Heard(int(m[1]), bytes.fromhex(m[2])) for m in found if m]

    def notes(self, channel: int) -> list[Heard]:
        """Note-ons and note-offs on the channel (0 to 15)."""
        return [h for h in self.heard() if h.data[0] & 0xE0 == 0x80 and h.data[0] & 15 == channel]

    def wait_for_notes(self, channel: int, count: int) -> None:
        """Until so many have come: on a busy machine that takes a while."""
        wait_until(
            lambda: len(self.notes(channel)) >= count,
            f"{count} notes on channel {channel} did not come",
            more=lambda: f"it heard {self.heard()}",
        )


@dataclass
class Jack:
    """The server's environment, and the processes that a test has started in it."""

    env: Mapping[str, str]
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def spawn(self, *command: str, **how: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, env=self.env, start_new_session=True, **how)
        self.processes.append(process)
        return process

    def python(self, *args: str, **how: Any) -> subprocess.Popen[bytes]:
        return self.spawn(sys.executable, *args, **how)

    def ports(self) -> list[str]:
        done = subprocess.run(["jack_lsp"], env=self.env, capture_output=True, text=True)
        return done.stdout.splitlines()

    def wait_for(self, *ports: str, gone: bool = False, seconds: float = 10) -> None:
        def there() -> bool:
            now = self.ports()
            return all((port in now) is not gone for port in ports)

        failure = f"ports {'still there' if gone else 'missing'}: {ports}"
        wait_until(there, failure, seconds, more=lambda: f"there are {self.ports()}")

    def connect(self, source: str, destination: str) -> None:
        self.wait_for(source, destination)
        subprocess.run(["jack_connect", source, destination], env=self.env, check=True)

    def recorder(self, name: str = "mon") -> Recorder:
        path = self.folder / f"{name}.txt"
        with path.open("wb") as out:
            self.spawn("stdbuf", "-oL", "jack_midi_dump", "-a", name, stdout=out)
        self.wait_for(f"{name}:input")
        return Recorder(f"{name}:input", path)

    def notes(self, length: int, *events: tuple[int, int, int], name: str = "seq") -> str:
        """A looping source of notes (frame, pitch, frames), `length` frames long; its port."""
        numbers = [str(n) for event in events for n in event]
        self.spawn("jack_midiseq", name, str(length), *numbers, stdout=subprocess.DEVNULL)
        self.wait_for(f"{name}:out")
        return f"{name}:out"

    def clock(self) -> str:
        """A MIDI clock that follows `transport`, exact to the frame; its port."""
        self.spawn("jack_midi_clock", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for("jack_midi_clock:mclk_out")
        return "jack_midi_clock:mclk_out"

    def transport(self, bpm: float) -> Callable[[str], None]:
        """JACK's transport at a tempo; say `play`, `stop`, `locate FRAME`, `tempo BPM`."""
        master = self.spawn("jack_transport", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

        def say(line: str) -> None:
            stdin(master).write(f"{line}\n".encode())
            stdin(master).flush()

        for line in (f"tempo {bpm}", "master", "stop", "locate 0"):
            say(line)
        return say

    def stop_all(self) -> None:
        for process in reversed(self.processes):
            end(process)
        self.processes.clear()
        # What they started in turn ends by itself, and the next test is not to meet its ports.
        self.wait_for("glissar-in:in", "glissar-out:out", gone=True)


def stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin
    return process.stdin


def wait_until(
    happened: Callable[[], object],
    failure: str,
    seconds: float = 10,
    more: Callable[[], str] = str,
) -> None:
    """Fails with `failure`, and with what `more` then says."""
    patience = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < patience, f"{failure}; {more()}"
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes], patience: float = 3) -> None:
    """Stop a process that we started, by its id."""
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


def _start_server(env: Mapping[str, str], log: Path, scheduling: Sequence[str]) -> Any:
    command = ["jackd", *scheduling, "-S", "-n", SERVER, "-d", "dummy"]
    command += ["-r", str(RATE), "-p", str(PERIOD)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)
    patience = time.monotonic() + 8
    while time.monotonic() < patience and server.poll() is None:
        if subprocess.run(["jack_lsp"], env=env, capture_output=True).returncode == 0:
            return server
        time.sleep(0.1)
    end(server)
    return None


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two runs of the tests at once would connect each other's ports: the second one waits."""
    import fcntl  # POSIX alone has it, and JACK's tools are not looked for elsewhere

    with (Path(tempfile.gettempdir()) / f"{SERVER}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def jack_env() -> dict[str, str]:
    return {
        **os.environ,
        "JACK_NO_AUDIO_RESERVATION": "1",
        "JACK_DEFAULT_SERVER": SERVER,
        "JACK_NO_START_SERVER": "1",
    }


@pytest.fixture(scope="session")
def jack_server(jack_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory):
    """A JACK server on the dummy driver, real-time where that is permitted."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        pytest.skip(f"no {missing[0]} here: apt install jackd2 jack-midi-clock")
    log = tmp_path_factory.mktemp("jack") / "jackd.log"
    with _alone():
        server = _start_server(jack_env, log, ["-R", "-P20"])
        server = server or _start_server(jack_env, log, ["-r"])
        if server is None:
            pytest.skip(f"jackd does not start: {log.read_text()[-200:]!r}")
        yield server
        end(server)


@pytest.fixture
def jack(jack_server: Any, jack_env: dict[str, str], tmp_path: Path) -> Iterator[Jack]:
    """The running server, for one test; what the test starts in it is stopped after it."""
    rig = Jack(jack_env, tmp_path)
    yield rig
    rig.stop_all()


@pytest.fixture
def free_udp_port() -> int:
    """A loopback port that nobody had a moment ago, and the one after it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return min(probe.getsockname()[1], 65_000)
