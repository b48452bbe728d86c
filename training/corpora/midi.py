"""A folder of MIDI files as bars of melody: which parts, which bars, and why not the others.

A *part* is one channel of one track. Its top line is taken; drums, basses and accompaniments are
left out. A bar is taken if it is a full bar of 4/4 and the line's notes lie within TOLERANCE of the
grid. It is moved by octaves into the vocabulary, where it will stand in every key anyway.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median_low
from typing import Any

import numpy as np

from presets.bar import Meter, Note, Window
from presets.encoding import Encoded, Encoding, Grid, Tokens
from presets.errors import GlissarError
from training.corpora import pool
from training.corpora.midifile import Damaged, Part, Song, Stretch, parse
from training.data.bars import BACH, OFF_GRID, Bytes, Rows, Work, encode, stack
from training.data.cuts import BARS, Cut

SUFFIXES = (".mid", ".midi")
MAX_FILE = 16 << 20  # bytes; a song takes some ten thousands
TOLERANCE = 30  # ticks: 16 ms at 120 BPM; the grid's closest lines are 80 apart
LEGATO = BACH.grid.meter.beat_ticks // 2  # shorter silences are touch, as in live playing
BASS = 48  # MIDI
APART = 1 << 40  # ticks from one part to the next: no bar of one follows a bar of another
MOVED = 1 << 31  # ticks that a semitone up or down puts a bar away
CROWD = 2.0  # notes sounding at a time, on average
METER = Meter()  # 4/4

IS_BASS = f"parts that are a bass (half of their notes lie below MIDI {BASS})"
IS_CHORDS = f"parts that are an accompaniment (over {CROWD:.0f} notes at a time, on average)"
OTHER_METER = "bars not in 4/4"
NOT_FULL = "bars that are not full (the meter changes inside)"
SILENT = "bars in which a part strikes nothing, between others"
TOO_WIDE = "bars whose line is wider than the vocabulary"


@dataclass(frozen=True)
class File:
    """What one file gave."""

    name: str  # its path in the folder
    digest: bytes  # of its content; empty where it could not be read
    tokens: Bytes  # [bars, T]
    lines: Rows  # [bars], ticks
    left_out: Counter[str]
    damage: str = ""  # why it could not be read


@dataclass
class Ledger:
    """Which files were of no use, noted while the others pass through."""

    damaged: dict[str, str] = field(default_factory=dict[str, str])
    twins: dict[str, str] = field(default_factory=dict[str, str])  # file -> the same, met before
    without: list[str] = field(default_factory=list[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
    _met: dict[bytes, str] = field(default_factory=dict[bytes, str])

    def works(self, files: Iterable[File]) -> Iterator[Work]:
        """A work for every file with bars; of files with the same content, the first."""
        for file in files:
            if file.damage:
                self.damaged[file.name] = file.damage
            elif (first := self._met.setdefault(file.digest, file.name)) != file.name:
                self.twins[file.name] = first
            elif not len(file.tokens):
                self.without.append(file.name)
                self.left_out += file.left_out
            else:
                yield Work(file.name, file.tokens, file.lines, file.left_out)

    def card(self) -> dict[str, Any]:
        return {
            "files that could not be read": self.damaged,
            "files that are copies": self.twins,
            "files without a usable bar": self.without,
        }


def find(folder: Path) -> list[Path]:
    """The MIDI files in a folder and in those below it, in order. Raises GlissarError."""
    if not folder.is_dir():
        raise GlissarError(f"there is no folder {folder}; give one with MIDI files in it.")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise GlissarError(f"{folder} has no MIDI files (.mid, .midi); give a folder that has.")
    return found


def read(folder: Path, found: Sequence[Path], cut: Cut = BARS) -> Iterator[File]:
    """What each of the files gives, read on all cores, in order."""
    return pool.on_all_cores(partial(_file, folder, cut.bar), found)


def _file(folder: Path, encoding: Encoding, path: Path) -> File:
    name = path.relative_to(folder).as_posix()
    try:
        content = _content(path)
        song = parse(io.BytesIO(content))
    except Damaged as error:
        return File(name, b"", *encode([], [], encoding)[:2], Counter(), str(error))
    left_out: Counter[str] = Counter()
    parts = enumerate(_melodies(song, left_out))
    rows = ((i, found) for i, p in parts for found in _rows(song, p, encoding, left_out))
    found = [(row, line + i * APART) for i, (row, line) in rows]
    lines = np.array([line for _, line in found], np.int64)
    digest = hashlib.sha256(content).digest()
    return File(name, digest, _stacked(found, encoding), lines, +left_out)


def _stacked(found: Sequence[tuple[Tokens, int]], encoding: Encoding) -> Bytes:
    return stack([row for row, _ in found], encoding.grid.steps)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise Damaged(f"it is over {MAX_FILE >> 20} MB")
        return path.read_bytes()
    except OSError as error:
        raise Damaged(f"it cannot be read ({error.strerror})") from error


def _melodies(song: Song, left_out: Counter[str]) -> list[Part]:
    """The parts that may carry a melody. Chords are taken where there is nothing else: the top
    line of a solo piano is its tune."""
    high = [part for part in song.parts if median_low(n.pitch for n in part) >= BASS]
    lines = [part for part in high if _at_a_time(part) <= CROWD] or high
    left_out[IS_BASS] += len(song.parts) - len(high)
    left_out[IS_CHORDS] += len(high) - len(lines)
    return lines


def _at_a_time(part: Part) -> float:
    """How many notes sound on average, while any does."""
    covered = until = 0
    for note in part:
        covered += max(0, note.end - max(note.onset, until))
        until = max(until, note.end)
    return sum(n.duration for n in part) / covered


def _rows(
    song: Song, part: Part, encoding: Encoding, left_out: Counter[str]
) -> Iterator[tuple[Tokens, int]]:
    """The tokens of the part's usable bars, in order, and the ticks of their lines; bars that are
    moved by other octaves are far apart, as they are no melody together."""
    held: list[Note] = []  # from earlier bars, and perhaps still sounding
    before: tuple[Stretch, int] | None = None
    for stretch, bar, struck in song.by_bar(part, encoding.grid.lead):
        start = stretch.start + bar * stretch.meter.bar_ticks
        held = [note for note in held if note.end > start]
        if before and before[0] is stretch:
            left_out[SILENT] += bar - before[1] - 1
        reason = _meter_reason(stretch, bar)
        if not reason:
            window = Window.of(note.moved(-start) for note in (*held, *struck))
            encoded = encoding.encode(window, LEGATO)
            reason = _reason(window, encoded, encoding.grid)
            if not reason:
                yield encoded.tokens, start + encoded.shift * MOVED
        left_out[reason] += 1
        held += struck
        before = stretch, bar
    del left_out[""]


def _meter_reason(stretch: Stretch, bar: int) -> str:
    if stretch.meter != METER:
        return OTHER_METER
    return "" if stretch.holds(bar) else NOT_FULL


def _reason(window: Window, encoded: Encoded, grid: Grid) -> str:
    """Why a full bar of 4/4 cannot be used, or ""."""
    if encoded.folded:
        return TOO_WIDE
    heard = (n for n in window.notes if n.onset >= -grid.lead and not _below(n, encoded))
    return OFF_GRID if any(grid.off_grid(n.onset) > TOLERANCE for n in heard) else ""


def _below(note: Note, encoded: Encoded) -> bool:
    """Whether the line sounds above a note as it is struck: then it is no part of the line."""
    return any(
        above.note.pitch > note.pitch
        and above.note.onset - TOLERANCE <= note.onset < above.note.end
        for above in encoded.line
    )
