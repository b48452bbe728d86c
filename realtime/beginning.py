"""What an engine begins with: a preset, the state for it, and the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from presets.errors import GlissarError, PresetError
from presets.preset import Preset, read_named
from realtime.household import Begin
from realtime.log import FORMAT, Header, Log
from realtime.settings import Settings, WebSettings
from realtime.state import State
from realtime.swap import fitted


def found(begin: Begin, say: Callable[[str], None]) -> tuple[Preset, State]:
    """What an engine that died played last, or what is set; and the state for it.

    Raises GlissarError where the preset of the settings cannot be read.
    """
    if not (begin.again and begin.state):
        return read_named(begin.settings.preset), state_of(begin.settings)
    state = msgspec.msgpack.decode(begin.state, type=State)
    try:
        return read_named(state.preset or begin.settings.preset), state
    except PresetError as error:
        if not state.preset:
            raise
        say(f"{str(error).removesuffix('.')}; {begin.settings.preset} plays in its place.")
        preset = read_named(begin.settings.preset)
        return preset, fitted(state, preset.manifest, "")


def state_of(settings: Settings) -> State:
    """What a session starts with."""
    knobs = {name: ("offset", number) for name, number in settings.knobs.items()}
    return State(
        knobs,
        settings.mode,
        settings.edit,
        settings.variation,
        settings.delay,
        settings.every,
        settings.midi.thru,
        settings.transport.source,
        choices=dict(settings.constraints),
    )


def log_of(begin: Begin, preset: Preset, state: State, fault: Callable[[str], None]) -> Log | None:
    """None where none is wanted, or where the one that was begun cannot be gone on with.

    Raises GlissarError where a new one cannot be written.
    """
    settings = begin.settings
    if not settings.log:
        return None
    told = replace(settings, web=WebSettings())  # logs are given away: no token
    header = Header(FORMAT, preset.name, preset.sha256, told, state, cued=True)
    try:
        return Log(Path(settings.log), header, go_on=begin.again, fault=fault)
    except GlissarError as error:
        if not begin.again:
            raise
        fault(f"{str(error).removesuffix('.')}, and the music goes on without it.")
        return None
