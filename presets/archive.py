"""A preset in one file, to be given away. Who unpacks it knows nobody who packed it: trust nothing.

A zip is refused, in a sentence that names file and entry, before anything of it is on the disk.
"""

from __future__ import annotations

import copy
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from presets.errors import PresetError
from presets.folders import MANIFEST, MAX_MANIFEST, read_bytes
from presets.manifest import Manifest, from_json
from presets.preset import MAX_FILE, MAX_TOTAL, Preset, digest

DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can have: one preset is one file, bit for bit
PLAIN_FILE = (stat.S_IFREG | 0o644) << 16
MAX_ENTRIES = 257  # the files that a manifest may list, and itself
MAX_DIRECTORY = 128 << 10  # bytes of the zip's own table of contents
END, LOCATOR = 22, 20  # bytes of the record at a zip's end, and of what a very large one has before
ENCRYPTED = 0x41  # flags
# What every system can have as a file's name, in any case.
NAME = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/){0,3}[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
AGAIN = "get it as `glissar presets pack` made it"
NEVER = "do not use it"

# What zipfile raises on what is none.
_DAMAGED = (
    *(ValueError, OSError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)


@dataclass(frozen=True)
class Package:
    """What a zip holds: its files, each as its manifest says, the manifest's own text with them."""

    where: Path
    manifest: Manifest
    files: dict[str, bytes]

    @property
    def sha256(self) -> str:
        """The preset's identity, as `Preset.sha256`."""
        return digest(self.files[MANIFEST])


def pack(preset: Preset) -> bytes:
    """A zip of exactly what the manifest lists, and it; the same bytes on every machine.

    It is stored, not deflated, which would save a tenth: another zlib makes other bytes.
    Raises PresetError where the preset was changed after it was read.
    """
    text = read_bytes(preset.folder, MANIFEST, MAX_MANIFEST)
    if digest(text) != preset.sha256:
        raise PresetError(f"{preset.folder / MANIFEST} has just changed; pack the preset again.")
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as archive:
        for path, content in sorted({**preset.files, MANIFEST: text}.items()):
            entry = ZipInfo(path, DATE)
            entry.create_system, entry.external_attr = 3, PLAIN_FILE  # Unix's, on Windows too
            archive.writestr(entry, content)
    return made.getvalue()


def unpack(where: Path) -> Package:
    """What the zip `where` holds, in memory and within bounds. Raises PresetError."""
    if not where.is_file():
        raise PresetError(f"there is no file {where}; give a zip of `glissar presets pack`.")
    try:
        with where.open("rb") as file:
            _check_end(file, where)
            with ZipFile(file) as archive:
                entries = _entries(archive, where)
                manifest = _manifest(archive, entries, where)
                files = {path: _content(archive, entry, where) for path, entry in entries.items()}
    except _DAMAGED as error:
        raise PresetError(f"{where} is no zip, or a damaged one ({error}); {AGAIN}.") from error
    for path, expected in manifest.files.items():
        if digest(files[path]) != expected:
            raise PresetError(
                f"{where}: {path} is not the file that {MANIFEST} describes (its sha256 differs); "
                f"{AGAIN}."
            )
    return Package(where, manifest, files)


def _check_end(file: BinaryIO, where: Path) -> None:
    """Bound the table of contents, of which zipfile reads all there is, and the whole."""
    size = file.seek(0, os.SEEK_END)
    if size > MAX_TOTAL + MAX_DIRECTORY + MAX_MANIFEST:
        raise PresetError(f"{where} is over {MAX_TOTAL >> 20} MB; this is no preset of glissar.")
    file.seek(max(0, size - END - LOCATOR))
    tail = file.read()
    end = tail[-END:]
    # A preset needs no record of what exceeds 4 GB, and a comment could hide another end.
    large = len(tail) == END + LOCATOR and tail.startswith(b"PK\6\7")
    if not end.startswith(b"PK\5\6") or end[-2:] != b"\0\0" or large:
        raise PresetError(f"{where} does not end as a preset's zip does; {AGAIN}.")
    if int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise PresetError(f"{where} has far more entries than a preset; {NEVER}.")


def _entries(archive: ZipFile, where: Path) -> dict[str, ZipInfo]:
    found = archive.infolist()
    if len(found) > MAX_ENTRIES:
        raise PresetError(f"{where} has {len(found)} entries, more than a preset; {NEVER}.")
    seen: set[str] = set()
    for entry in found:
        name = entry.orig_filename  # as it is written there; zipfile may have cut it at a NUL
        for problem, remedy in _problems(entry, name):
            raise PresetError(f"{where}: its entry {name[:100]!r} {problem}; {remedy}.")
        if name.lower() in seen:
            raise PresetError(f"{where} has {name!r} twice, perhaps in other case; {NEVER}.")
        seen.add(name.lower())
    if sum(entry.file_size for entry in found) > MAX_TOTAL:
        raise PresetError(f"{where} unpacks to over {MAX_TOTAL >> 20} MB; {NEVER}.")
    return {entry.orig_filename: entry for entry in found}


def _problems(entry: ZipInfo, name: str) -> Iterator[tuple[str, str]]:
    """What is wrong with an entry, and the remedy."""
    if entry.flag_bits & ENCRYPTED:
        yield "is encrypted", AGAIN
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFDIR or name.endswith("/"):
        yield "is a folder, and a preset's files stand by themselves", AGAIN
    if kind not in (0, stat.S_IFREG):
        yield "is a link or a device, not a file", NEVER
    if name.startswith(("/", "\\")) or ".." in name or ":" in name:
        yield "would lie outside the preset", NEVER
    if not NAME.fullmatch(name):
        yield "has a name that not every system can have", AGAIN
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        yield "is compressed in an unusual way", AGAIN
    if entry.file_size > (MAX_MANIFEST if name == MANIFEST else MAX_FILE):
        yield f"unpacks to {entry.file_size >> 20} MB, more than a preset's file may have", NEVER


def _manifest(archive: ZipFile, entries: Mapping[str, ZipInfo], where: Path) -> Manifest:
    """The manifest, whose list of files must be the zip's."""
    if MANIFEST not in entries:
        raise PresetError(f"{where} holds no {MANIFEST}; {AGAIN}.")
    text = _content(archive, entries[MANIFEST], where)
    manifest = from_json(text, f"{where}: {MANIFEST}")
    for path in entries.keys() - manifest.files.keys() - {MANIFEST}:
        raise PresetError(f"{where} holds {path}, which its {MANIFEST} does not list; {NEVER}.")
    for path in manifest.files.keys() - entries.keys():
        raise PresetError(f"{where} lacks {path[:100]!r}, which its {MANIFEST} lists; {AGAIN}.")
    return manifest


def _content(archive: ZipFile, entry: ZipInfo, where: Path) -> bytes:
    """What is in an entry: exactly as much as it declares."""
    longer = copy.copy(entry)
    longer.file_size += 1  # zipfile stops there, and more than is declared would stay unseen
    with archive.open(longer) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise PresetError(f"{where}: {entry.filename} is not as large as it declares; {NEVER}.")
    if content.startswith(b"PK\3\4") and not entry.filename.endswith(".npz"):
        raise PresetError(f"{where}: {entry.filename} is a zip within the zip; {NEVER}.")
    return content
