"""The performance log: what the session was told, one JSON line each, decisions included.

Floats differ between machines; decoded tokens do not. A session that is told the same again plans
the same notes again, and a schedule that gets them at the same cues says the same again.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from presets.errors import GlissarError
from realtime.events import Cue, Moment, Offer, Report, SessionEvent
from realtime.inbox import Inbox
from realtime.settings import Settings
from realtime.state import State

FORMAT = 3  # 1 had no cues, 2 no reports; both are read too


class Header(Struct, frozen=True, tag=True):
    """What a session starts with; again in mid-file where an engine was started anew."""

    glissar_log: int
    preset: str
    sha256: str  # of the preset's manifest
    settings: Settings
    state: State
    cued: bool = False  # the player tells when its plans came; else they are taken to be in time


class Gap(Struct, frozen=True, tag=True):
    """Here so many lines did not get into the log."""

    lines: int


Logged = SessionEvent | Offer | Cue | Moment | Gap | Report


class Take(NamedTuple):
    """What one engine logged, from its start to its end."""

    header: Header
    events: list[Logged]


class Log:
    """Appends from a thread of its own; a slow disk costs lines, which are counted, never time."""

    def __init__(
        self,
        path: Path,
        header: Header,
        *,
        go_on: bool = False,
        fault: Callable[[str], None] | None = None,
    ) -> None:
        """`go_on`: add to the log of an engine that died. `fault` is told once, in a sentence and
        on the log's own thread, when lines begin to be lost. Raises GlissarError.
        """
        self._path, self._fault = path, fault
        try:
            self._file = path.open("ab" if go_on or _is_device(path) else "xb", buffering=0)
        except FileExistsError as error:
            raise GlissarError(f"the log {path} exists; give another name, or move it.") from error
        except OSError as error:
            raise GlissarError(
                f"the log {path} cannot be written ({error.strerror}); give another place."
            ) from error
        self._inbox: Inbox[bytes | None] = Inbox(limit=65_536)
        self._lost = 0  # to a full disk
        self._told = 0  # of what was lost, as gaps in the log
        if go_on:
            self._inbox.put(b"")  # the last line may have been cut off
        self._inbox.put(msgspec.json.encode(header))
        self._thread = threading.Thread(target=self._write, daemon=True, name="log")
        self._thread.start()

    @property
    def dropped(self) -> int:
        return self._inbox.dropped + self._lost

    def note(self, event: Logged) -> None:
        self._inbox.put(msgspec.json.encode(event))

    def close(self) -> None:
        self._inbox.put(None)
        self._thread.join(timeout=1.0)

    def _write(self) -> None:
        with self._file:
            while (line := self._inbox.take()) is not None:
                if not (self._fill_gap() and self._append(line + b"\n")):
                    self._lost += 1

    def _fill_gap(self) -> bool:
        """Say in the log what it lacks, as soon as that is possible."""
        lost = self.dropped
        if lost > self._told:
            if not self._append(msgspec.json.encode(Gap(lost - self._told)) + b"\n"):
                return False
            self._told = lost
        return True

    def _append(self, line: bytes) -> bool:
        """Whether the line is in the file, whole: half a line is taken back."""
        end, written, why = 0, 0, "it is full"
        try:
            end = self._file.seek(0, os.SEEK_END)
            written = self._file.write(line)
        except OSError as error:
            why = error.strerror
        if written < len(line) and self._fault:
            self._fault(
                f"the log {self._path} loses lines ({why}) and the music goes on; make room for it."
            )
            self._fault = None  # it is counted from here on
        if 0 < written < len(line):
            with contextlib.suppress(OSError):
                self._file.truncate(end)
        return written == len(line)


def read(path: Path) -> list[Take]:
    """The takes of a log; a line cut off where an engine died is left out.

    Raises GlissarError for what is no log.
    """
    takes: list[Take] = []
    cut = 0  # the line that could not be read, if it was the last one
    for number, line in _lines(path):
        told = _decode(line)
        if cut and not isinstance(told, Header):
            raise GlissarError(f"{path} is damaged at line {cut}; cut it off there to replay it.")
        cut = 0
        match told:
            case Header() as header if 1 <= header.glissar_log <= FORMAT:
                takes.append(Take(header, []))
            case Header():
                raise GlissarError(f"{path} was logged by another version of glissar; use that.")
            case None if takes:
                cut = number  # what follows, if anything, is the next engine's
            case None:
                raise GlissarError(f"{path} is no log of glissar (line {number}).")
            case event if takes:
                takes[-1].events.append(event)
            case _:
                raise GlissarError(f"{path} is no log of glissar: it does not start with a header.")
    if not takes:
        raise GlissarError(f"{path} is empty; a log is written by `glissar play --log`.")
    return takes


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise GlissarError(f"the log {path} cannot be read ({error.strerror}).") from error
    return ((number, line) for number, line in enumerate(lines, start=1) if line)


def _is_device(path: Path) -> bool:
    """/dev/full, /dev/null: there already, and to be written to."""
    try:
        return stat.S_ISCHR(path.stat().st_mode)
    except OSError:
        return False


_DECODER = msgspec.json.Decoder(Header | Logged)


def _decode(line: bytes) -> Header | Logged | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
