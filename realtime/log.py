"""The performance log: what the session was told, one JSON line each, decisions included.

Floats differ between machines; decoded tokens do not. A session that is told the same again plans
the same notes again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from presets.errors import GlissarError
from realtime.desk import State
from realtime.events import SessionEvent
from realtime.inbox import Inbox
from realtime.settings import Settings

FORMAT = 1


class Header(Struct, frozen=True):
    """The first line: what the session started with."""

    glissar_log: int
    preset: str
    sha256: str  # of the preset's manifest
    settings: Settings
    state: State


class Log:
    """Appends from a thread of its own; a slow disk costs lines, which are counted, never time."""

    def __init__(self, path: Path, header: Header) -> None:
        """Raises GlissarError if the file cannot be opened."""
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise GlissarError(f"the log {path} cannot be written ({error.strerror}).") from error
        self._inbox: Inbox[bytes | None] = Inbox(limit=65_536)
        self._inbox.put(msgspec.json.encode(header))
        self._thread = threading.Thread(target=self._write, daemon=True, name="log")
        self._thread.start()

    @property
    def dropped(self) -> int:
        return self._inbox.dropped

    def note(self, event: SessionEvent) -> None:
        self._inbox.put(msgspec.json.encode(event))

    def close(self) -> None:
        self._inbox.put(None)
        self._thread.join(timeout=1.0)

    def _write(self) -> None:
        with self._file:
            while (line := self._inbox.take()) is not None:
                self._file.write(line + b"\n")
                self._file.flush()


def read(path: Path) -> tuple[Header, Iterator[SessionEvent]]:
    """The header and the events of a log; a last line cut off by a crash is left out.

    Raises GlissarError for what is no log.
    """
    try:
        first, *lines = path.read_bytes().split(b"\n")
        header = msgspec.json.decode(first, type=Header)
    except OSError as error:
        raise GlissarError(f"the log {path} cannot be read ({error.strerror}).") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GlissarError(f"{path} is no log of glissar ({error}).") from error
    if header.glissar_log != FORMAT:
        raise GlissarError(f"{path} was logged by another version of glissar; use that one.")
    return header, _events(path, [line for line in lines if line])


def _events(path: Path, lines: list[bytes]) -> Iterator[SessionEvent]:
    decoder = msgspec.json.Decoder(SessionEvent)
    for number, line in enumerate(lines, start=2):
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if number <= len(lines):
                raise GlissarError(f"{path} is damaged at line {number} ({error}).") from error
            return  # the last line, cut off
