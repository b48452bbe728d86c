"""Settings: one frozen value, read once at the edge from TOML and flags.

`glissar init` writes the file; every field's comment there is its docstring line here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Channel = Annotated[int, Meta(ge=1, le=16)]
UdpPort = Annotated[int, Meta(ge=1, le=65535)]
Milliseconds = Annotated[float, Meta(ge=0, le=1000)]


class MidiSettings(Struct, frozen=True, forbid_unknown_fields=True):
    api: Literal["auto", "jack", "alsa", "coremidi", "winmm"] = "auto"
    input: str = ""  # a name, part of it or a pattern (*, ?); empty: a virtual port of our own
    more_inputs: tuple[str, ...] = ()  # played as if they were one; a clock is taken of one
    output: str = ""
    input_channel: Annotated[int, Meta(ge=0, le=16)] = 0  # 0: any
    more_channels: tuple[Annotated[int, Meta(ge=0, le=16)], ...] = ()  # of more_inputs, in order
    thru: bool = True
    thru_channel: Channel = 1
    answer_channel: Channel = 2
    click_channel: Channel = 10
    panic_controller: Annotated[int, Meta(ge=0, le=127)] = 0  # a button that closes all; 0: none
    clock_out: bool = False  # send MIDI clock, while none is followed


class ControllerSettings(Struct, frozen=True, forbid_unknown_fields=True):
    input: str = ""  # a port that has knobs alone, nothing of it is played; empty: none but midi's
    output: str = ""  # where values go back to, for rings and motors; empty: nowhere
    takeover: Literal["pickup", "jump"] = "pickup"  # "jump" for rings and motors, which follow
    program_channel: Annotated[int, Meta(ge=0, le=16)] = 0  # of midi's inputs, whose program
    # changes choose presets; 0: none, for they choose sounds there
    map: str = ""  # the file of what is learnt; empty: cc.json in the user's folder for settings


class TransportSettings(Struct, frozen=True, forbid_unknown_fields=True):
    source: Literal["internal", "clock", "link"] = "internal"
    tempo: Annotated[float, Meta(ge=20, le=400)] = 120.0  # quarter notes a minute
    start: bool = True  # roll as soon as everything is ready, if no clock is followed
    count_in: Annotated[int, Meta(ge=0, le=8)] = 0  # bars
    metronome: bool = False


class OscSettings(Struct, frozen=True, forbid_unknown_fields=True):
    host: str = "127.0.0.1"
    port: UdpPort = 9010
    echo_host: str = "127.0.0.1"
    echo_port: UdpPort = 9011


class WebSettings(Struct, frozen=True, forbid_unknown_fields=True):
    on: bool = True  # OSCQuery and the panel; the music needs neither
    host: str = "127.0.0.1"  # who asks from elsewhere needs the token
    port: UdpPort = 9012  # of TCP, in the same numbers
    token: str = ""  # for a host that others reach; empty: another one at every start
    announce: bool = False  # by zeroconf, which tells the whole network; needs the extra discover


class LatencySettings(Struct, frozen=True, forbid_unknown_fields=True):
    input: Milliseconds = 0.0  # between a key going down and its message arriving
    output: Milliseconds = 0.0  # between a message sent and its sound


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    preset: str = "bach"
    mode: Literal["follow", "freeze", "generate", "morph"] = "follow"
    edit: Literal["residual", "full"] = "residual"
    delay: Annotated[int, Meta(ge=1, le=8)] = 1  # windows between playing and answering
    every: Annotated[int, Meta(ge=1, le=16)] = 1  # windows that a generated one is kept for
    variation: Annotated[float, Meta(ge=0, le=1)] = 0.0  # 0: the most likely answer
    seed: Annotated[int, Meta(ge=0)] = 0  # of all chance: the same one gives the same again
    provider: Literal["cpu", "cuda"] = "cpu"
    log: str = ""  # a file for the performance log; empty: none
    snapshots: str = ""  # a folder for them; empty: the user's own for settings
    spares: bool = True  # a second player and engine wait for one to die: 40 MB, half a second
    ready_within: Annotated[float, Meta(ge=2, le=600)] = 30.0  # s; who starts for longer hangs
    recordings: str = ""  # a folder for MIDI files of them; empty: the user's own for data
    knobs: dict[str, float] = {}  # offsets at start, -1..1
    constraints: dict[str, str] = {}  # what must hold from the start: an entry of each menu
    midi: MidiSettings = MidiSettings()
    controller: ControllerSettings = ControllerSettings()
    transport: TransportSettings = TransportSettings()
    osc: OscSettings = OscSettings()
    web: WebSettings = WebSettings()
    latency: LatencySettings = LatencySettings()
