"""Two panels, as browsers have them open beside the music.

    python -m realtime.stage.panels PORT

Both listen to all of /glissar and read what comes; when the tree changes they fetch it; the first
one turns a knob now and then. They leave at the end of stdin. On stdout go `open`, then `swapped`
for every preset that takes over, and at the end, in JSON, how much they were told.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection

from msgspec import json
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from realtime.controls import ROOT
from realtime.ports.osc import HERE, encode, parse
from realtime.stage.hearing import stdin
from realtime.stage.rig import Jack

TURN_EVERY = 0.5  # s
KNOB = f"{ROOT}/knob/density"
NAME = f"{ROOT}/preset/name"
LEAVES = 10.0  # s


class Panel:
    """One of them; what it is told is counted."""

    def __init__(self, socket: ClientConnection, port: int) -> None:
        """As a page does: the tree first, and then all news of it."""
        self.counts: Counter[str] = Counter()
        self.preset = ""
        self._socket, self._port = socket, port
        self._fetch()
        socket.send(json.encode({"COMMAND": "LISTEN", "DATA": ROOT}), text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def turn(self, value: float) -> None:
        self._socket.send(encode(KNOB, (value,)))
        self.counts["turned"] += 1

    def _fetch(self) -> None:
        asking = HTTPConnection(HERE, self._port)
        asking.request("GET", "/")
        self.counts["trees"] += bool(json.decode(asking.getresponse().read()))
        asking.close()

    def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            for message in self._socket:
                if isinstance(message, bytes):
                    self._hear(message)
                elif "PATH_CHANGED" in message:
                    self._fetch()
                else:
                    self.counts["refused"] += 1
        self.counts["lost"] += 1

    def _hear(self, packet: bytes) -> None:
        for heard in parse(packet, time.time()):
            for address, args in heard.settings:
                self.counts["told"] += 1
                if address == NAME and args[0] != self.preset:
                    self.preset = args[0]
                    self.counts["names"] += 1


class Panels:
    """What a measurement has of them."""

    def __init__(self, jack: Jack, port: int) -> None:
        self._path = jack.folder / "panels.txt"
        with self._path.open("wb") as out:
            self._process = jack.python(
                "-m", "realtime.stage.panels", str(port), stdin=subprocess.PIPE, stdout=out
            )
        jack.wait(lambda: self._path.read_text().startswith("open"), "no panel opens")

    @property
    def swaps(self) -> int:
        """Presets that took over since they are open."""
        return self._path.read_text().count("swapped")

    def close(self) -> dict[str, int]:
        """What they were told in all. Raises TimeoutExpired."""
        stdin(self._process).close()
        self._process.wait(LEAVES)
        return json.decode(self._path.read_text().splitlines()[-1], type=dict[str, int])


def main() -> None:
    port = int(sys.argv[1])
    at = f"ws://{HERE}:{port}/"
    with connect(at, compression=None) as one, connect(at, compression=None) as other:
        _look_on(Panel(one, port), Panel(other, port))


def _look_on(turning: Panel, reading: Panel) -> None:
    over, names = threading.Event(), 1  # there is one that plays when they open
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    _say("open")
    while not over.wait(TURN_EVERY):
        turning.turn(turning.counts["turned"] % 10 / 10)
        while names < reading.counts["names"]:
            names += 1
            _say("swapped")
    _say(json.encode(turning.counts + reading.counts).decode())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
