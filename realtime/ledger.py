"""The ledger of sounding notes: a file that outlives the player.

One byte for each of 16 channels × 128 keys, in a memory-mapped file that the supervisor makes. The
player marks a note before it sends its note-on and unmarks it after its note-off, so that whoever
comes after a player that was killed can close all that may sound.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

CHANNELS = 16
KEYS = 128
SIZE = CHANNELS * KEYS
PREFIX, SUFFIX = "glissar-", ".ledger"
FRESH = 60.0  # s in which a ledger that nobody holds may be about to be held, or still be read


class Ledger:
    """Raises OSError where the file is not there, ValueError where it has another size."""

    def __init__(self, path: str | Path) -> None:
        with Path(path).open("r+b") as file:
            self._marks = mmap.mmap(file.fileno(), SIZE)

    @staticmethod
    def create() -> str:
        """Make an empty ledger in the system's folder for temporary files; the path."""
        handle, path = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX)
        with os.fdopen(handle, "wb") as file:
            file.write(bytes(SIZE))
        return path

    def mark(self, channel: int, pitch: int) -> None:
        self._marks[channel * KEYS + pitch] = 1

    def unmark(self, channel: int, pitch: int) -> None:
        self._marks[channel * KEYS + pitch] = 0

    def sounding(self) -> list[tuple[int, int]]:
        """(channel, pitch) of every note that may sound."""
        return [divmod(place, KEYS) for place, mark in enumerate(self._marks[:]) if mark]

    def close(self) -> None:
        self._marks.close()


@contextlib.contextmanager
def kept() -> Generator[str]:
    """The path of a ledger for the time of a household. What killed ones have left is cleared."""
    _clear(Path(tempfile.gettempdir()))
    path = Ledger.create()
    handle = os.open(path, os.O_RDWR)
    try:
        _hold(handle)
        yield path
    finally:
        os.close(handle)
        Path(path).unlink(missing_ok=True)


def _clear(folder: Path) -> None:
    """Take away ledgers of this user that no household holds any more."""
    if sys.platform == "win32":
        return  # nothing can be held there, and so nobody knows whose it is
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):  # another takes it away too, or it is not ours
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if _is_old(os.fstat(handle)) and _hold(handle):
                    path.unlink()
            finally:
                os.close(handle)


def _is_old(file: os.stat_result) -> bool:
    ours = stat.S_ISREG(file.st_mode) and file.st_uid == os.geteuid() and file.st_size == SIZE
    return ours and time.time() - file.st_mtime > FRESH


def _hold(handle: int) -> bool:
    """Whether it is this process that holds the file from here on; it ends with the process."""
    if sys.platform == "win32":
        return True
    import fcntl  # Windows has none

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
