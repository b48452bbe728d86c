"""glissar as a measurement runs it: `glissar play`, but for the player, which stamps.

    python -m realtime.stage.house SETTINGS STAMPS

is the supervisor with the engine and `realtime.stage.stamped`; SETTINGS is a file of JSON. `House`
is what a measurement has of it.
"""

from __future__ import annotations

import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from presets.folders import find, glance
from realtime.ports.osc import encode
from realtime.settings import OscSettings, Settings
from realtime.stage.rig import Jack
from realtime.stage.stamped import Stamps
from realtime.supervisor import Supervisor

IN, OUT = "glissar-in:in", "glissar-out:out"
LEAVES = 10.0  # s


class House:
    """A running glissar, and where it hears OSC."""

    def __init__(self, jack: Jack, settings: Settings) -> None:
        self.port, self.echo = _free_ports()
        osc = OscSettings(port=self.port, echo_port=self.echo)
        self._stamps, self._said = jack.folder / "stamps.bin", jack.folder / "said.txt"
        path = jack.folder / "settings.json"
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(settings, osc=osc)))
        with self._said.open("wb") as said:
            self.process = jack.python(
                "-m", "realtime.stage.house", str(path), str(self._stamps), stderr=said
            )
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        jack.wait_for(IN, OUT)
        jack.wait(lambda: "is ready" in self._said.read_text(), "glissar is not ready")

    def say(self, address: str, *args: Any) -> float:
        """Send OSC; the monotonic time just before."""
        datagram = encode(address, args)
        now = time.monotonic()
        self._socket.sendto(datagram, ("127.0.0.1", self.port))
        return now

    def leave(self) -> Stamps:
        """End it; what its player has stamped. Raises TimeoutError."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(LEAVES)
        self._socket.close()
        if not self._stamps.exists():
            raise TimeoutError(f"the player left no stamps; {self._said.read_text()[-200:]}")
        return Stamps.read(self._stamps)


def _free_ports() -> tuple[int, int]:
    """Two UDP ports of loopback that nobody has."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def main() -> int:
    settings = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Settings)
    meter = glance(find(settings.preset)).meter
    stamped = (sys.executable, "-m", "realtime.stage.stamped", sys.argv[2])
    supervisor = Supervisor(settings, meter, print_error, player=stamped)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    signal.signal(signal.SIGTERM, stop)
    return supervisor.run()


def print_error(sentence: str) -> None:
    sys.stderr.write(f"glissar: {sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
