"""`glissar play` that outlives the JACK servers that it plays on, as a measurement has it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from realtime.ports.osc import HERE, MAX_DATAGRAM, encode, parse
from realtime.stage import rig

PLAYER, ENGINE = "realtime.player", "realtime.service"
LEAVES = 10.0  # s


class Household:
    """A running glissar: its processes by their names, and what it says."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.said = folder / "said.txt"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HERE, 0))
        self._socket.settimeout(LEAVES)
        echo = self._socket.getsockname()[1]
        self.osc_port = _free_udp_port()
        ports = ("--osc-port", str(self.osc_port), "--echo-port", str(echo))
        command = [sys.executable, "-m", "realtime", "play", *ports, *flags]
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                command, env=rig.environment(), stderr=said, start_new_session=True
            )
        self.wait_said("is ready")

    def wait_said(self, words: str, count: int = 1) -> None:
        """Until it has said the words so often. Raises TimeoutError."""
        self.wait(lambda: self.count(words) >= count, f"it never says {words!r}")

    def count(self, words: str) -> int:
        """How often it has said the words."""
        return self.said.read_text().count(words)

    def say(self, address: str, *args: float | str) -> None:
        self._socket.sendto(encode(address, args), (HERE, self.osc_port))

    def ask(self, address: str) -> float | str:
        """The value of an address. Raises TimeoutError."""
        self._socket.settimeout(0)
        with contextlib.suppress(BlockingIOError):  # what was told before is no answer
            while True:
                self._socket.recv(MAX_DATAGRAM)
        self._socket.settimeout(LEAVES)
        self.say("/glissar/query", address)
        while True:
            for told in parse(self._socket.recv(MAX_DATAGRAM), time.time()):
                for where, args in told.settings:
                    if where == address:
                        return args[0]

    def wait(self, happened: Callable[[], object], failure: str) -> None:
        def over() -> bool:
            return self.process.poll() is not None

        rig.wait_until(lambda: happened() or over(), failure, self.said.read_text)
        if over():
            raise TimeoutError(f"{failure}, and has left; {self.said.read_text()[-300:]}")

    def pids(self, *modules: str) -> list[int]:
        """The process ids of the children that are there now; spares, which came later, not."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found = ([int(c) for c in children if module.encode() in _line(c)] for module in modules)
        return [pids[0] for pids in found if pids]

    def signal(self, number: signal.Signals, *modules: str) -> None:
        """To children: SIGKILL, or SIGSTOP, to let them hang."""
        for pid in self.pids(*modules):
            os.kill(pid, number)

    def end(self) -> None:
        self._socket.close()
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


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HERE, 0))
        return probe.getsockname()[1]
