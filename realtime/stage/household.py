"""A running glissar as a measurement has it: its processes, what it says, and where it hears."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from realtime.ports.osc import HERE, MAX_DATAGRAM, encode, parse
from realtime.stage import rig
from realtime.stage.free import free_port
from realtime.stage.waiting import wait_until

IN, OUT = "glissar-in:in", "glissar-out:out"
PLAYER, ENGINE = "realtime.player", "realtime.service"
NAMES = {ENGINE: "engine", PLAYER: "player"}
LEAVES = 10.0  # s


class Ear:
    """A socket that OSC is sent from, and echoes come to, and the ports of a glissar for it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HERE, 0))
        self.osc, self.web = free_port(), free_port(socket.SOCK_STREAM)
        self.echo: int = self.socket.getsockname()[1]
        weakref.finalize(self, self.socket.close)  # where a wedged server lets nobody end it


class Household:
    """A glissar that is up; it may outlive the JACK servers that it plays on."""

    def __init__(
        self, folder: Path, ear: Ear, arguments: Sequence[str], spawn: rig.Spawn = rig.spawn
    ) -> None:
        """Start Python with the arguments, which have the ear's ports in them."""
        self.said, self.ports = folder / "said.txt", ear
        with self.said.open("wb") as said:
            self.process = spawn(sys.executable, *arguments, stderr=said)
        self.wait_said("is ready")

    @staticmethod
    def play(folder: Path, *flags: str, spawn: rig.Spawn = rig.spawn) -> Household:
        """`glissar play` with these flags."""
        ear = Ear()
        ports = {"--osc-port": ear.osc, "--echo-port": ear.echo, "--web-port": ear.web}
        numbers = [text for flag, port in ports.items() for text in (flag, str(port))]
        return Household(folder, ear, ("-m", "realtime", "play", *numbers, *flags), spawn)

    # --- what it says -----------------------------------------------------------------------------

    def wait_said(self, words: str, count: int = 1) -> None:
        """Until it has said the words so often. Raises TimeoutError."""
        self.wait(lambda: self.count(words) >= count, f"it never says {words!r}")

    def count(self, words: str) -> int:
        """How often it has said the words."""
        return self.said.read_text().count(words)

    def say(self, address: str, *args: Any) -> float:
        """Send OSC; the monotonic time just before."""
        datagram = encode(address, args)
        now = time.monotonic()
        self.ports.socket.sendto(datagram, (HERE, self.ports.osc))
        return now

    def ask(self, address: str) -> float | str:
        """The value of an address. Raises TimeoutError."""
        self.ports.socket.settimeout(0)
        with contextlib.suppress(BlockingIOError):  # what was told before is no answer
            while True:
                self.ports.socket.recv(MAX_DATAGRAM)
        self.ports.socket.settimeout(LEAVES)
        self.say("/glissar/query", address)
        while True:
            for told in parse(self.ports.socket.recv(MAX_DATAGRAM), time.time()):
                for where, args in told.settings:
                    if where == address:
                        return args[0]

    def wait(self, happened: Callable[[], object], failure: str) -> None:
        def over() -> bool:
            return self.process.poll() is not None

        wait_until(lambda: happened() or over(), failure, self.said.read_text)
        if over():
            raise TimeoutError(f"{failure}, and has left; {self.said.read_text()[-300:]}")

    # --- its processes ----------------------------------------------------------------------------

    def pids(self, *modules: str) -> list[int]:
        """The process ids of the children that are there now; spares, which came later, not."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found = ([int(c) for c in children if module.encode() in _line(c)] for module in modules)
        return [pids[0] for pids in found if pids]

    def processes(self) -> dict[str, int]:
        """All process ids by name."""
        found = {"supervisor": self.process.pid}
        for module, name in NAMES.items():
            for pid in self.pids(module):
                found[name] = pid
        return found

    def signal(self, number: signal.Signals, *modules: str) -> None:
        """To children: SIGKILL, or SIGSTOP, to let them hang."""
        for pid in self.pids(*modules):
            os.kill(pid, number)

    def end(self) -> None:
        self.ports.socket.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LEAVES)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def files(pid: int) -> int:
    """Open file descriptors of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def memory(pid: int) -> float:
    """MiB of a process that are its own and in memory: what JACK shares is not."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def _line(pid: str) -> bytes:
    with contextlib.suppress(OSError):  # it is gone
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
