"""The map of a person's controllers, in a file of its own: kept per machine, whatever preset plays.

A file that is no map is left as it is, so that somebody can mend it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import platformdirs

from presets.errors import GlissarError
from realtime.cc.mapping import Mapping
from realtime.writer import Writer

NAME = "cc.json"
LARGEST = 1 << 20  # bytes


def path_of(setting: str) -> Path:
    """Where it is: as it is set, or in the user's own folder for settings."""
    return (
        Path(setting)
        if setting
        else platformdirs.user_config_path("glissar", appauthor=False) / NAME
    )


def read(path: Path) -> Mapping:
    """An empty one where there is no file. Raises GlissarError for one that is no map."""
    try:
        if path.stat().st_size > LARGEST:
            raise GlissarError(f"{path} is no map of controllers (too large); remove it.")
        return msgspec.json.decode(path.read_bytes(), type=Mapping)
    except FileNotFoundError:
        return Mapping()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GlissarError(
            f"{path} is no map of controllers ({error}); mend it or remove it."
        ) from error
    except OSError as error:
        raise GlissarError(f"{path} cannot be read ({error.strerror}).") from error


class MapFile:
    """`fault` is told in a sentence, perhaps on another thread, what could not be kept."""

    def __init__(self, path: Path, fault: Callable[[str], None]) -> None:
        self._path, self._fault = path, fault
        self._writer = Writer("controllers", fault)

    def read(self) -> Mapping:
        """An empty one where it cannot be read, which is told."""
        try:
            return read(self._path)
        except GlissarError as error:
            self._fault(f"{str(error).removesuffix('.')}. Until then no controller is mapped.")
            return Mapping()

    def save(self, mapping: Mapping) -> None:
        """Keep it, but never in place of what somebody has to mend."""
        try:
            read(self._path)
        except GlissarError as error:
            self._fault(f"{str(error).removesuffix('.')}. What is learnt is not kept until then.")
        else:
            content = msgspec.json.format(msgspec.json.encode(mapping), indent=2)
            self._writer.write(self._path, content + b"\n")

    def close(self) -> None:
        self._writer.close()
