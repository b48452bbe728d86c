"""What is recorded, line by line in a file beside that which it becomes: a crash costs a second."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from presets.bar import Meter
from realtime.tape import Tape, Timed, let_go
from realtime.thru import is_channel_message

SUFFIX = ".part"
LARGEST = 1 << 26  # bytes of one that is read
PLAYED, HEARD, TEMPO = "p", "h", "t"

Line = tuple[str, Annotated[int, Meta(ge=0)], bytes | int]
_DECODER = msgspec.json.Decoder(Line)


class Taken(NamedTuple):
    """A tape's content, in ticks."""

    played: list[Timed]
    heard: list[Timed]
    tempos: list[tuple[int, int]]  # microseconds a quarter note


class Spool:
    """`lame`: it could not be written once, and nothing more is told of it."""

    def __init__(self, path: Path) -> None:
        self.path, self.lame = path, False
        self._written = {PLAYED: 0, HEARD: 0, TEMPO: 0}

    def append(self, tape: Tape) -> None:
        """What is new on the tape. Raises OSError."""
        kinds = {PLAYED: tape.played, HEARD: tape.heard, TEMPO: tape.tempos}
        fresh = {kind: all_[self._written[kind] :] for kind, all_ in kinds.items()}
        lines = [(kind, *timed) for kind, news in fresh.items() for timed in news]
        if lines:
            self._write(b"\n".join([*map(msgspec.json.encode, lines), b""]))
        for kind, news in fresh.items():
            self._written[kind] += len(news)

    def _write(self, lines: bytes) -> None:
        """All of them or none."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            if file.write(lines) < len(lines):
                file.truncate(end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def of(file: Path, owner: int) -> Path:
    """The spool of a MIDI file to be."""
    return file.with_name(f".{file.stem}.{owner}{SUFFIX}")


def file_of(path: Path) -> Path:
    """The MIDI file that a spool is of."""
    return path.with_name(f"{path.name.removeprefix('.').split('.')[0]}.mid")


def left(folder: Path, owner: int) -> list[Path]:
    """Spools of this owner that nobody made a file of."""
    return sorted(folder.glob(f".*.{owner}{SUFFIX}"))


def read(path: Path) -> Taken:
    """What it has, as far as it can be read; what sounds at its end is closed. Raises OSError."""
    taken = Taken([], [], [])
    for kind, tick, what in _lines(path):
        if kind == TEMPO and isinstance(what, int):
            taken.tempos.append((tick, what))
        elif isinstance(what, bytes) and what and is_channel_message(what):
            (taken.played if kind == PLAYED else taken.heard).append((tick, what))
    return _close(taken)


def _lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for line in file.read(LARGEST).splitlines():
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):  # it was cut off
                yield _DECODER.decode(line)


def closed(tape: Tape) -> Taken:
    """A tape as it is now, with all closed that sounds."""
    return _close(Taken(list(tape.played), list(tape.heard), list(tape.tempos)), tape.place)


def _close(taken: Taken, place: int = 0) -> Taken:
    """At the place, or where the last message is."""
    played, heard, tempos = taken
    end = max([place, *(messages[-1][0] for messages in (played, heard) if messages)])
    return Taken([*played, *let_go(played, end)], [*heard, *let_go(heard, end)], tempos)


def midi(taken: Taken, meter: Meter) -> bytes:
    """The content of a file. mido is loaded here, on a thread that no music waits for."""
    from realtime import midifile

    song = midifile.Tune((), tuple(taken.tempos), ((0, meter),))
    return midifile.encode({"played": taken.played, "heard": taken.heard}, song)
