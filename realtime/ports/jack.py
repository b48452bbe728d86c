"""What python-rtmidi cannot say about a JACK server: that it is gone, and who is connected.

After the server dies, rtmidi's clients go on listing ports from shared memory and swallow what they
are sent, so the server's own notice (`jack_on_shutdown`) is the evidence. This client makes no
sound and is never activated: it costs the graph nothing. It speaks to the same libjack that rtmidi
has loaded.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from pathlib import Path
from typing import Any

from presets.errors import GlissarError

_NO_START_SERVER = 1
_SHUTDOWN = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_MESSAGE = ctypes.CFUNCTYPE(None, ctypes.c_char_p)


@_MESSAGE
def _silent(_: bytes | None) -> None:
    """Takes libjack's own words, of which a dying server makes many: the sentence is ours."""


def _library() -> Any:
    """The libjack of this process if it has one, else the system's. Raises OSError."""
    maps = Path("/proc/self/maps")
    loaded = maps.read_text().splitlines() if maps.exists() else []
    paths = [line.split(maxsplit=5)[-1] for line in loaded if "libjack" in line]
    path = paths[0] if paths else ctypes.util.find_library("jack")
    if path is None:
        raise OSError("there is no libjack")
    return _typed(ctypes.CDLL(path))


def _typed(jack: Any) -> Any:
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    jack.jack_client_open.argtypes, jack.jack_client_open.restype = (
        [text, ctypes.c_int, pointer],
        pointer,
    )
    jack.jack_client_close.argtypes = [pointer]
    jack.jack_on_shutdown.argtypes = [pointer, _SHUTDOWN, pointer]
    jack.jack_connect.argtypes = [pointer, text, text]
    jack.jack_port_by_name.argtypes, jack.jack_port_by_name.restype = [pointer, text], pointer
    jack.jack_port_get_all_connections.argtypes = [pointer, pointer]
    jack.jack_port_get_all_connections.restype = ctypes.POINTER(ctypes.c_char_p)
    jack.jack_free.argtypes = [pointer]
    jack.jack_set_error_function.argtypes = [_MESSAGE]
    return jack


class Graph:
    """A silent client of the JACK server. Raises GlissarError where there is none."""

    def __init__(self, name: str = "glissar-watch") -> None:
        self.alive = True
        try:
            self._jack = _library()
        except OSError as error:
            raise GlissarError(f"JACK cannot be watched: {error}.") from error
        self._jack.jack_set_error_function(_silent)
        self._client = self._jack.jack_client_open(name.encode(), _NO_START_SERVER, None)
        if not self._client:
            raise GlissarError("JACK cannot be watched: its server does not answer.")
        self._on_shutdown = _SHUTDOWN(self._gone)  # kept: the library keeps only its address
        self._jack.jack_on_shutdown(self._client, self._on_shutdown, None)

    def has(self, *ports: str) -> bool:
        """Whether one of these ports is in the graph."""
        return any(self._jack.jack_port_by_name(self._client, port.encode()) for port in ports)

    def connections(self, port: str) -> list[str]:
        """The full names of the ports that `port` is connected to."""
        handle = self._jack.jack_port_by_name(self._client, port.encode()) if self.alive else None
        if not handle:
            return []
        names = self._jack.jack_port_get_all_connections(self._client, handle)
        found: list[str] = []
        while names and names[len(found)]:
            found.append(names[len(found)].decode())
        if names:
            self._jack.jack_free(names)
        return found

    def connect(self, source: str, destination: str) -> bool:
        """Whether the two are connected now, or were already."""
        self._jack.jack_connect(self._client, source.encode(), destination.encode())
        return destination in self.connections(source)

    def close(self) -> None:
        if self.alive:
            self._jack.jack_client_close(self._client)
        self.alive = False

    def _gone(self, _: int | None) -> None:
        self.alive = False
