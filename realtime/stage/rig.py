"""A JACK server on the dummy driver, and what runs beside glissar on it: measurements and tests.

The server has one fixed name: JACK2 keeps eight names for good, and names made of process ids would
fill them. Everything stays on this machine. One rig at a time: two would connect each other's
ports.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from presets.errors import GlissarError
from realtime.stage.hearing import PERIOD, RATE, Peer
from realtime.stage.waiting import PEER, JackWedgedError, end, wait_until, wedged

SERVER = "glissar_test"
TOOLS = ("jackd", "jack_lsp", "oscsend")
ENV = {
    "JACK_NO_AUDIO_RESERVATION": "1",
    "JACK_DEFAULT_SERVER": SERVER,
    "JACK_NO_START_SERVER": "1",
}


class Spawn(Protocol):
    """Starts a process that speaks to the rig's server."""

    def __call__(self, *command: str, **how: Any) -> subprocess.Popen[bytes]: ...


def spawn(*command: str, **how: Any) -> subprocess.Popen[bytes]:
    start: Any = subprocess.Popen  # of bytes, whatever else is asked
    return start(command, **{"env": environment(), "start_new_session": True, **how})


@dataclass
class Jack:
    """The server's environment, and the processes that a test has started in it."""

    env: Mapping[str, str]
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    server: subprocess.Popen[bytes] | None = None

    def spawn(self, *command: str, **how: Any) -> subprocess.Popen[bytes]:
        """It is stopped when the server is."""
        process = spawn(*command, env=self.env, **how)
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
        raise GlissarError("no JACK-Client here: pip install '.[stage]'.")
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
