"""Files that are there complete, or as they were before: a crash in the middle leaves no half."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from presets.errors import GlissarError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file aside and put it in place; folders on the way are made. What a link leads to is
    replaced, and never a device. Raises GlissarError."""
    aside, place = None, Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        raise GlissarError(f"{path} cannot be written (it is no file); give another place.")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{place.name}-", dir=place.parent)
        aside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(0o644)
        aside.replace(place)
    except OSError as error:
        if aside:
            aside.unlink(missing_ok=True)
        raise GlissarError(
            f"{path} cannot be written ({error.strerror}); give another place."
        ) from error
