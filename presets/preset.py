"""A preset is a model folder: `preset.json`, ONNX graphs, `golden.npz`. Presets travel; trust none.

Reading refuses, in a sentence that names the file: what is missing, too large, changed since its
hash was taken, outside the folder, linked elsewhere, or keeps its weights in another file.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets import graphs, plane
from presets.encoding import Encoding
from presets.errors import PresetError
from presets.folders import MANIFEST, MAX_MANIFEST, find, read_bytes
from presets.manifest import Manifest, from_json
from presets.plane import Plane

GOLDEN = "golden.npz"
GOLDEN_ARRAYS = ("tokens", "mu", "log_sigma", "z", "noise", "decoded", "logits")
MAX_FILE = 64 << 20  # bytes; committed weights stay under 16 MB
MAX_TOTAL = 256 << 20  # bytes of all files together

# What zipfile and numpy raise on a file that is not theirs; a header may also ask for all memory.
_DAMAGED = (
    *(ValueError, TypeError, KeyError, OSError, EOFError, SyntaxError, RuntimeError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, tokenize.TokenError),
)

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Preset:
    """A checked preset: its manifest, and every file's content as it was when hashed."""

    folder: Path
    manifest: Manifest
    encoding: Encoding
    files: dict[str, bytes]
    sha256: str  # of the manifest, which holds every file's: the preset's identity
    unmapped: str = ""  # the same as it was before a map was added, which changes no answer

    @property
    def name(self) -> str:
        return self.manifest.name

    def graph(self, path: str) -> bytes:
        return self.files[path]

    def golden(self) -> Arrays:
        """Windows with torch's outputs, each of `GOLDEN_ARRAYS`. Raises PresetError."""
        arrays = read_arrays(self.files[GOLDEN], f"{self.folder / GOLDEN}")
        if missing := [name for name in GOLDEN_ARRAYS if name not in arrays]:
            raise PresetError(
                f"{self.folder / GOLDEN} lacks {', '.join(missing)}; export the preset again."
            )
        return arrays

    def planes(self) -> dict[str, Plane]:
        """The map, by knob; none where there is none. Raises PresetError."""
        free, where = self.manifest.free, f"{self.folder / plane.MAP}"
        if not free:
            return {}
        arrays = read_arrays(self.files[plane.MAP], where, plane.LARGEST)
        try:
            return plane.check(arrays, list(free))
        except ValueError as error:
            raise PresetError(
                f"{where} is no map ({error}); make it again: glissar presets map {self.folder}."
            ) from error


def read(folder: Path) -> Preset:
    """Read a model folder, believing nothing. Raises PresetError."""
    text = read_bytes(folder, MANIFEST, MAX_MANIFEST)
    manifest = from_json(text, str(folder / MANIFEST))
    needed = [role.path for role in graphs.ROLES.values() if role.required] + [GOLDEN]
    for path in needed:
        if path not in manifest.files:
            raise PresetError(f"{folder / MANIFEST} lists no {path}; export the preset again.")
    check_paths(folder, manifest.files)
    files: dict[str, bytes] = {}
    for path, expected in manifest.files.items():
        files[path] = _listed(folder, path, expected)
        if sum(map(len, files.values())) > MAX_TOTAL:
            raise PresetError(
                f"{folder} is over {MAX_TOTAL >> 20} MB; this is no preset of glissar."
            )
    for path, content in files.items():
        if path.endswith(".onnx"):
            _check_graph_file(folder / path, path, content)
    before = digest(plane.without(text))
    return Preset(folder, manifest, manifest.encoding(), files, digest(text), before)


def read_named(name: str) -> Preset:
    """Read a preset by path, or by the name of a shipped one. Raises PresetError."""
    return read(find(name))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_arrays(content: bytes, where: str, limit: int = MAX_FILE) -> Arrays:
    """Arrays of an .npz that is bounded and holds no pickles. Raises PresetError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > limit:
                raise PresetError(f"{where} unpacks to over {limit >> 20} MB; do not use it.")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays.files}
    except _DAMAGED as error:
        raise PresetError(f"{where} is damaged ({error}); get the preset again.") from error


def to_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """What `read_arrays` reads; the same bytes for the same arrays."""
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **dict(sorted(arrays.items())))
    return content.getvalue()


def check_paths(folder: Path, paths: Iterable[str]) -> None:
    """Refuse a file that would lie outside the preset, on any platform. Raises PresetError."""
    for path in paths:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
            raise PresetError(
                f"{folder / MANIFEST} lists {path!r}, which lies outside it; do not use it."
            )


def _listed(folder: Path, path: str, expected: str) -> bytes:
    content = read_bytes(folder, path, MAX_FILE)
    if digest(content) != expected:
        raise PresetError(
            f"{folder / path} is not the file that {MANIFEST} describes (its sha256 differs); "
            "get the preset again."
        )
    return content


def _check_graph_file(where: Path, path: str, content: bytes) -> None:
    if graphs.role_of(path) is None:
        raise PresetError(f"{where} is no graph that a preset has; do not use this preset.")
    # ONNX names a file for external weights under the key "location". Protobuf keeps strings whole,
    # so a graph without that word cannot point elsewhere; exported graphs never contain it.
    if b"location" in content:
        raise PresetError(f"{where} may keep weights in another file; export the preset again.")
