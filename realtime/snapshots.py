"""Snapshots: states of a performer's choices by name, each in a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import msgspec
import platformdirs
from msgspec.structs import replace

from presets.errors import GlissarError
from realtime.events import Fetch
from realtime.glide import blend
from realtime.state import State, Taken
from realtime.writer import Writer

SUFFIX = ".json"
MOST = 512  # snapshots
LARGEST = 1 << 20  # bytes of one
LONGEST = 60  # characters of a name
LONGEST_WINDOW = 64  # bars
FAR = 1 << 24  # ticks


def folder_of(setting: str) -> Path:
    """Where they are kept: as it is set, or in the user's own folder for settings."""
    return (
        Path(setting)
        if setting
        else platformdirs.user_config_path("glissar", appauthor=False) / "snapshots"
    )


class Shelf:
    """All snapshots in memory, and each in its file."""

    def __init__(self, folder: Path, fault: Callable[[str], None]) -> None:
        """`fault` is told, in a sentence, of files that are no snapshots or cannot be written."""
        self._folder, self._fault = folder, fault
        self._kept: dict[str, State] = {}
        self._writer = Writer("snapshots", fault)
        self._read_all()

    @property
    def names(self) -> list[str]:
        return sorted(self._kept)

    def save(self, name: str, state: State) -> None:
        """Raises GlissarError for a name that could be no file's, or one snapshot too many."""
        if not 0 < len(name) <= LONGEST:
            raise GlissarError(f"a snapshot's name has 1 to {LONGEST} characters.")
        if name not in self._kept and len(self._kept) >= MOST:
            raise GlissarError(f"there are {MOST} snapshots in {self._folder}; remove some first.")
        self._kept[name] = state
        self._writer.write(self._folder / f"{_stem(name)}{SUFFIX}", msgspec.json.encode(state))

    def get(self, name: str) -> State:
        """Raises GlissarError."""
        if name not in self._kept:
            known = ", ".join(self.names[:20]) or "none yet"
            raise GlissarError(f"there is no snapshot {name[:LONGEST]}; there are: {known}.")
        return self._kept[name]

    def fetch(self, wish: Fetch) -> State:
        """One snapshot, or what lies between two. Raises GlissarError."""
        found = self.get(wish.name)
        return blend(found, self.get(wish.other), wish.place) if wish.other else found

    def close(self) -> None:
        """Wait, for a moment, until all is written."""
        self._writer.close()

    def _read_all(self) -> None:
        files = sorted(self._folder.glob(f"*{SUFFIX}"))[:MOST]
        for file in (file for file in files if not file.name.startswith(".")):
            try:
                self._kept[unquote(file.stem)[:LONGEST]] = _read(file)
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                self._fault(f"{file} is no snapshot of glissar; remove it, or save it again.")


def _stem(name: str) -> str:
    """A file's name for any text: no slash, and no dot in front."""
    return quote(name, safe=" ").replace(".", "%2E")


def _read(file: Path) -> State:
    if file.stat().st_size > LARGEST:
        raise msgspec.DecodeError("too large")
    state = msgspec.json.decode(file.read_bytes(), type=State)
    if not all(_sounds(taken) for taken in (state.last, state.a, state.b) if taken):
        raise msgspec.DecodeError("a window that could not be played")
    return replace(state, curve=None)  # it is found anew, by the preset that is there


def _sounds(taken: Taken) -> bool:
    """Whether it can be sent as MIDI; a person may have written it."""
    window = taken.window
    notes = all(
        0 <= n.pitch < 128 and 0 < n.velocity < 128 and n.duration > 0 and abs(n.onset) < FAR
        for n in window.notes
    )
    gestures = all(len(data) in (2, 3) and 0x80 <= data[0] < 0xF0 for _, data in taken.gestures)
    return 0 < window.bars <= LONGEST_WINDOW and notes and gestures
