"""The ledger of sounding notes: a file that outlives the player.

One byte for each of 16 channels × 128 keys, in a memory-mapped file that the supervisor makes. The
player marks a note before it sends its note-on and unmarks it after its note-off, so that whoever
comes after a player that was killed can close all that may sound.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from pathlib import Path

CHANNELS = 16
KEYS = 128
SIZE = CHANNELS * KEYS


class Ledger:
    """Raises OSError where the file is not there, ValueError where it has another size."""

    def __init__(self, path: str | Path) -> None:
        with Path(path).open("r+b") as file:
            self._marks = mmap.mmap(file.fileno(), SIZE)

    @staticmethod
    def create() -> str:
        """Make an empty ledger in the system's folder for temporary files; the path."""
        handle, path = tempfile.mkstemp(prefix="glissar-", suffix=".ledger")
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
