"""A JACK server on the dummy driver, and what runs beside glissar on it: measurements and tests.

The server has one fixed name: JACK2 keeps eight names for good, and names made of process ids would
fill them. Everything stays on this machine. One rig at a time: two would connect each other's
ports.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import msgspec

from presets.errors import GlissarError
from realtime.stage.peer import Connect, Plug, Score

SERVER = "glissar_test"
RATE, PERIOD = 48000, 128
PEER = "realtime.stage.peer"
TOOLS = ("jackd", "jack_lsp", "oscsend")
PATIENCE = 60.0  # s for what is to happen at once: a shared machine may stand still for a while
WEDGED = "engine may now behave abnormally"
ENV = {
    "JACK_NO_AUDIO_RESERVATION": "1",
    "JACK_DEFAULT_SERVER": SERVER,
    "JACK_NO_START_SERVER": "1",
}


@dataclass(frozen=True)
class Heard:
    """One message as the peer heard it, exact to the frame; `time` is when the frame's period was
    heard, in monotonic seconds."""

    frame: int
    data: bytes
    time: float = 0.0

    @property
    def seconds(self) -> float:
        return self.frame / RATE


@dataclass
class Peer:
    """`realtime.stage.peer`: plays notes and a clock, and hears what is connected to `port`."""

    process: subprocess.Popen[bytes]
    path: Path
    forgotten: int = 0
    port: str = "peer-ear:input"
    keys: str = "peer:keys"
    clock: str = "peer:clock"

    def heard(self) -> list[Heard]:
        lines = [line.split() for line in self.path.read_text().splitlines()]
        heard = [
            Heard(int(frame), bytes.fromhex(data), float(when))
            for frame, what, data, when in (line for line in lines if len(line) == 4)
            if what == "heard"
        ]
        return heard[self.forgotten :]

    def forget(self) -> None:
        """Hear from here on."""
        self.forgotten += len(self.heard())

    def notes(self, channel: int) -> list[Heard]:
        """Note-ons and note-offs on the channel (0 to 15)."""
        return [h for h in self.heard() if h.data[0] & 0xE0 == 0x80 and h.data[0] & 15 == channel]

    def sounding(self, channel: int) -> set[int]:
        """The keys that were struck and not let go."""
        now: set[int] = set()
        for note in self.notes(channel):
            (now.add if note.data[0] & 0xF0 == 0x90 else now.discard)(note.data[1])
        return now

    def count(self, status: int) -> int:
        """How many messages of this status byte have come."""
        return sum(h.data[0] == status for h in self.heard())

    def wait_for(self, status: int, count: int = 1) -> None:
        self.wait(lambda: self.count(status) >= count, f"{count} of {status:#x} did not come")

    def wait_for_notes(self, channel: int, count: int) -> None:
        """Until so many note-ons and note-offs have come."""
        self.wait(
            lambda: len(self.notes(channel)) >= count,
            f"{count} notes on channel {channel} did not come",
        )

    def wait_for_silence(self, channel: int) -> None:
        self.wait(lambda: not self.sounding(channel), f"a note hangs on channel {channel}")

    def wait(self, happened: Callable[[], object], failure: str) -> None:
        log = self.path.with_name("jackd.log")
        wait_until(happened, failure, lambda: f"it heard {self.heard()[-200:]}", log)

    def connect(self, source: str, sink: str) -> None:
        """Connect two ports. `jack_connect` would do it too, as a client that comes and goes."""
        self._say(Connect(source, sink))
        line = f"joins {source} {sink}\n"
        self.wait(lambda: line in self.path.read_text(), f"{source} is not connected to {sink}")

    def plug(self, port: str, there: bool) -> int:
        """Take away or bring back "keys", "clock" or "input"; the frame by which that is done."""
        return self._done(Plug(port, there), f"{'plugs' if there else 'unplugs'} {port}")

    def begin(self, score: Score) -> int:
        """Play a score; the frame of its beginning, once it has begun."""
        return self._done(score, f"begins {score.output}")

    def _done(self, order: Score | Plug, words: str) -> int:
        """The frame that the peer says with these words when it has done so."""
        line = re.compile(rf"^(\d+) {words}$", re.MULTILINE)
        count = len(line.findall(self.path.read_text()))
        self._say(order)
        self.wait(lambda: len(line.findall(self.path.read_text())) > count, f"it never {words}")
        return int(line.findall(self.path.read_text())[-1])

    def play(self, score: Score) -> None:
        self._say(score)

    def _say(self, order: Score | Connect | Plug) -> None:
        stdin(self.process).write(msgspec.json.encode(order) + b"\n")
        stdin(self.process).flush()

    def strike(self, loop: int, *notes: tuple[int, int, int]) -> None:
        """Play notes (frame, pitch, frames), the whole of `loop` frames again and again."""
        ons = [(frame, bytes((0x90, pitch, 64))) for frame, pitch, _ in notes]
        offs = [(frame + length, bytes((0x80, pitch, 64))) for frame, pitch, length in notes]
        self.play(Score("keys", (*offs, *ons), loop))

    def start(self, bpm: float, beats: int = 400) -> None:
        """A start, and clocks from 1 ms later on, as MIDI 1.0 asks."""
        self.play(Score("clock", ((0, b"\xfa"), *clocks(bpm, beats, RATE // 1000))))

    def stop(self) -> None:
        self.play(Score("clock", ((0, b"\xfc"),)))


def clocks(bpm: float, beats: int, first: int = 0) -> list[tuple[int, bytes]]:
    """24 to a beat, from the frame `first` on."""
    return [(first + round(n * 2.5 * RATE / bpm), b"\xf8") for n in range(24 * beats)]


@dataclass
class Jack:
    """The server's environment, and the processes that a test has started in it."""

    env: Mapping[str, str]
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    server: subprocess.Popen[bytes] | None = None

    def spawn(self, *command: str, **how: Any) -> subprocess.Popen[bytes]:
        start: Any = subprocess.Popen  # of bytes, whatever else is asked
        process: subprocess.Popen[bytes] = start(
            command, env=self.env, start_new_session=True, **how
        )
        self.processes.append(process)
        return process

    def python(self, *args: str, **how: Any) -> subprocess.Popen[bytes]:
        return self.spawn(sys.executable, *args, **how)

    def ports(self) -> list[str]:
        done = subprocess.run(["jack_lsp"], env=self.env, capture_output=True, text=True)
        return done.stdout.splitlines()

    def wait_for(self, *ports: str, gone: bool = False) -> None:
        def there() -> bool:
            now = self.ports()
            return all((port in now) is not gone for port in ports)

        failure = f"ports {'still there' if gone else 'missing'}: {ports}"
        wait_until(there, failure, lambda: f"there are {self.ports()}", self.log)

    def peer(self) -> Peer:
        path = self.folder / "heard.txt"
        with path.open("wb") as out:
            process = self.python(
                "-m", PEER, "peer", "keys", "clock",
                stdin=subprocess.PIPE, stdout=out,
            )  # fmt: skip
        self.wait_for("peer-ear:input")
        return Peer(process, path)

    def wait(self, happened: Callable[[], object], failure: str) -> None:
        wait_until(happened, failure, log=self.log)

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "jackd.log"

    def stop_all(self) -> None:
        for process in reversed(self.processes):
            end(process)
        self.processes.clear()
        # What they started in turn ends by itself, and the next test is not to meet its ports.
        self.wait_for("glissar-in:in", "glissar-out:out", "peer-ear:input", gone=True)


def stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin
    return process.stdin


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


def environment() -> dict[str, str]:
    """Of everything that is to speak to the rig's own server, and to start none."""
    return {**os.environ, **ENV}


@contextlib.contextmanager
def serve(folder: Path) -> Generator[Jack]:
    """A server on the dummy driver, real-time where that is permitted, with its log in `folder`.

    All that was started in it is stopped at the end. Raises GlissarError where there can be none.
    """
    env, log = environment(), folder / "jackd.log"
    if _answers(env):
        raise GlissarError(f"a JACK server {SERVER} is left over: end it.")
    server = _start_server(env, log, ["-R", "-P20"]) or _start_server(env, log, ["-r"])
    if server is None:
        raise GlissarError(f"jackd does not start: {log.read_text()[-200:]!r}.")
    jack = Jack(env, folder, server=server)
    try:
        yield jack
        jack.stop_all()
    finally:
        for process in (*jack.processes, server):
            end(process)


@contextlib.contextmanager
def stage() -> Generator[Jack]:
    """A server for one measurement, alone on the machine.

    Raises GlissarError where there can be none, JackWedgedError where it has wedged itself, and
    TimeoutError where something else did not happen.
    """
    if find_spec("jack") is None:
        raise GlissarError("no JACK-Client here: pip install 'glissar[stage]'.")
    with alone(), tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as jack:
        try:
            yield jack
        except (TimeoutError, subprocess.TimeoutExpired) as error:
            if wedged(jack.log):
                raise JackWedgedError(str(error)) from error
            raise TimeoutError(str(error)) from error
        if wedged(jack.log):
            raise JackWedgedError("it has wedged itself while it was measured")


@contextlib.contextmanager
def alone() -> Generator[None]:
    """One rig at a time. Raises GlissarError where its tools are missing."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise GlissarError(f"no {missing[0]} here: apt install jackd2 liblo-tools.")
    import fcntl  # POSIX alone has it, and JACK's tools are not looked for elsewhere

    with (Path(tempfile.gettempdir()) / f"{SERVER}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _answers(env: Mapping[str, str]) -> bool:
    return subprocess.run(["jack_lsp"], env=env, capture_output=True).returncode == 0


def _start_server(
    env: Mapping[str, str], log: Path, scheduling: Sequence[str]
) -> subprocess.Popen[bytes] | None:
    command = [*_ends_with_us(), "jackd", *scheduling, "-S", "-n", SERVER, "-d", "dummy"]
    command += ["-r", str(RATE), "-p", str(PERIOD)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)
    patience = time.monotonic() + 8
    while time.monotonic() < patience and server.poll() is None:
        if _answers(env):
            return server
        time.sleep(0.1)
    end(server)
    return None


def _ends_with_us() -> list[str]:
    """Before a command: it is ended when whoever started it is killed, where that can be had. A
    server that was left over would be in everybody's way."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
