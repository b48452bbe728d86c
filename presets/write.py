"""Writing a preset folder: all of it or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from presets.errors import GlissarError
from presets.folders import MANIFEST
from presets.manifest import Manifest, to_json
from presets.preset import Preset, check_paths, digest, read


def check_place(folder: Path) -> None:
    """Raises GlissarError where no preset can be written."""
    if folder.is_file():
        raise GlissarError(f"{folder} is a file; give a folder for the preset.")
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise GlissarError(f"{folder} holds something that is not a preset; give another folder.")
    if not folder.parent.is_dir():
        raise GlissarError(f"there is no folder {folder.parent}; make it first or give another.")


def write(folder: Path, manifest: Manifest, files: Mapping[str, bytes]) -> Preset:
    """Write `files` and a manifest that lists their hashes, replacing a preset that was there.

    The folder appears complete or not at all. What is not a preset is never replaced.
    Raises GlissarError, with nothing changed.
    """
    check_place(folder)
    check_paths(folder, files)
    manifest = replace(manifest, files={path: digest(content) for path, content in files.items()})
    place(folder, {**files, MANIFEST: to_json(manifest)}, read)
    return read(folder)


def place(folder: Path, files: Mapping[str, bytes], prove: Callable[[Path], object]) -> None:
    """Have `files` appear as `folder`, at once, after they were written beside it and `prove` has
    raised nothing there."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for path, content in files.items():
            file = aside / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        aside.chmod(0o755)
        prove(aside)
        _swap(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _swap(new: Path, folder: Path) -> None:
    """Put `new` where `folder` is. A crash between the two renames leaves the old beside it."""
    if not folder.exists():
        new.rename(folder)
        return
    old = folder.with_name(f".{folder.name}-old-{os.getpid()}")
    folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
