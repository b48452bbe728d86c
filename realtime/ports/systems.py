"""The MIDI systems that python-rtmidi may reach: the only module that knows it.

What the C libraries say on stderr is kept from it: a person gets one sentence from us.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol

import rtmidi  # pyright: ignore[reportMissingTypeStubs]

from presets.errors import GlissarError

_rtmidi: Any = rtmidi
RtMidiError: type[Exception] = _rtmidi.RtMidiError

OWN = "glissar"  # every client name of ours begins so


class Client(Protocol):
    """What glissar uses of rtmidi.MidiIn and rtmidi.MidiOut, which have no stubs."""

    def get_ports(self) -> list[str]: ...
    def open_port(self, port: int, name: str) -> Any: ...
    def open_virtual_port(self, name: str) -> Any: ...
    def close_port(self) -> None: ...
    def delete(self) -> None: ...
    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None: ...
    def set_callback(self, func: Callable[[tuple[list[int], float], Any], None]) -> None: ...
    def cancel_callback(self) -> None: ...
    def send_message(self, message: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Api:
    name: str  # as in the settings
    title: str
    number: int  # rtmidi's
    remedy: str

    @property
    def compiled(self) -> bool:
        return self.number in _rtmidi.get_compiled_api()


APIS = {
    api.name: api
    for api in (
        Api(
            "jack", "JACK", _rtmidi.API_UNIX_JACK, "start a JACK server (jackd; apt install jackd2)"
        ),
        Api("alsa", "ALSA", _rtmidi.API_LINUX_ALSA, "load its sequencer (modprobe snd-seq)"),
        Api("coremidi", "CoreMIDI", _rtmidi.API_MACOSX_CORE, "use it on macOS"),
        Api("winmm", "Windows MIDI", _rtmidi.API_WINDOWS_MM, "use it on Windows"),
    )
}


def candidates(name: str) -> list[Api]:
    """The APIs to try for the setting `midi.api`, in order."""
    if name != "auto":
        return [APIS[name]]
    order = {"darwin": ["coremidi"], "win32": ["winmm"]}.get(sys.platform, ["jack", "alsa"])
    return [APIS[each] for each in order]


def names(api: Api) -> tuple[list[str], list[str]]:
    """The (inputs, outputs) that could be opened. Raises GlissarError."""
    source, sink = open_clients(api, f"{OWN}-list", f"{OWN}-list")
    try:
        return source.get_ports(), sink.get_ports()
    finally:
        with quiet():
            source.delete()
            sink.delete()


def open_clients(api: Api, source: str, sink: str) -> tuple[Client, Client]:
    """Clients by these names, for input and output, with no port yet. Raises GlissarError."""
    if not api.compiled:
        raise GlissarError(f"{api.title} is not built into this python-rtmidi: {api.remedy}.")
    return open_input(api, source), open_output(api, sink)


def open_input(api: Api, name: str) -> Client:
    """A client for input, of an API that is compiled in. Raises GlissarError."""
    return _opened(_rtmidi.MidiIn, api, name)


def open_output(api: Api, name: str) -> Client:
    """A client for output, the same."""
    return _opened(_rtmidi.MidiOut, api, name)


def _opened(kind: Any, api: Api, name: str) -> Client:
    with quiet():
        try:
            return kind(api.number, name=name)
        except RtMidiError as error:
            raise GlissarError(f"{api.title} does not answer: {api.remedy}.") from error


@contextlib.contextmanager
def quiet() -> Generator[None]:
    """Keep what the C libraries write to stderr from it: the sentence comes from us."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
