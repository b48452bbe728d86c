"""Files written whole, by a thread that the music never waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from presets.errors import GlissarError
from presets.whole import write_whole
from realtime.inbox import Inbox

WAITING = 256  # files


class Writer:
    """`fault` is told, in a sentence and on the writer's thread, of what cannot be written."""

    def __init__(self, name: str, fault: Callable[[str], None]) -> None:
        self._fault = fault
        self._inbox: Inbox[tuple[Path, bytes] | None] = Inbox(limit=WAITING)
        self._thread = threading.Thread(target=self._write, daemon=True, name=name)
        self._thread.start()

    def write(self, path: Path, content: bytes) -> None:
        self._inbox.put((path, content))

    def close(self) -> None:
        """Wait, for a moment, until all is written."""
        self._inbox.insist(None)
        self._thread.join(timeout=1.0)

    def _write(self) -> None:
        while (item := self._inbox.take()) is not None:
            try:
                write_whole(*item)
            except GlissarError as error:
                self._fault(str(error))
