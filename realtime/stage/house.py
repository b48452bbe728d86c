"""glissar as a measurement runs it: `glissar play`, but for the player, which stamps.

    python -m realtime.stage.house SETTINGS STAMPS

is the supervisor with the engine and `realtime.stage.stamped`; SETTINGS is a file of JSON. `House`
is what a measurement has of it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

import msgspec

from presets.folders import find, glance
from realtime.settings import OscSettings, Settings, WebSettings
from realtime.stage.household import IN, OUT, Ear, Household
from realtime.stage.rig import Jack
from realtime.stage.stamped import Stamps
from realtime.supervisor import Supervisor


class House(Household):
    """A household on a server, and the stamps of its player."""

    def __init__(self, jack: Jack, settings: Settings) -> None:
        ear = Ear()
        osc, web = OscSettings(port=ear.osc, echo_port=ear.echo), WebSettings(port=ear.web)
        path, self._stamps = jack.folder / "settings.json", jack.folder / "stamps.bin"
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(settings, osc=osc, web=web)))
        arguments = ("-m", "realtime.stage.house", str(path), str(self._stamps))
        super().__init__(jack.folder, ear, arguments, jack.spawn)
        jack.wait_for(IN, OUT)

    def leave(self) -> Stamps:
        """End it; what its player has stamped. Raises TimeoutError."""
        self.end()
        if not self._stamps.exists():
            raise TimeoutError(f"the player left no stamps; {self.said.read_text()[-200:]}")
        return Stamps.read(self._stamps)


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
