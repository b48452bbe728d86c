"""Settings from a TOML file and flags; and the commented file that `glissar init` writes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from presets.errors import GlissarError
from realtime.settings import Settings

DEFAULT_FILE = Path("glissar.toml")

COMMENTED = """\
# glissar's settings. Flags of `glissar play` override them; a line with # in front is the default.

# preset = "bach"            # a shipped preset's name, or a model folder
# mode = "follow"            # or freeze (the last window loops), generate (nobody plays),
#                            # morph (from one captured window to another)
# edit = "residual"          # residual: change what you played; full: play the model's own
# delay = 1                  # windows between playing and answering
# variation = 0.0            # 0: the most likely answer; up to 1: others, different each time
# every = 1                  # windows that a generated one is kept for
# seed = 0                   # of all chance: the same number gives the same again
# provider = "cpu"           # or "cuda", untried so far; falls back to the CPU
# log = ""                   # a file for the performance log
# snapshots = ""             # a folder for them; empty: your own for settings
# spares = true              # a second player and engine wait for one to die: half a second, for
#                            # some 40 MB
# ready_within = 30.0        # s; a player or engine that takes longer to start is started anew
# recordings = ""            # a folder for MIDI files of them; empty: your own for data

[midi]
# api = "auto"               # jack, alsa, coremidi or winmm
# input = ""                 # a port's name, part of it, or a pattern with * and ? of all of
#                            # it; empty: a virtual port
# more_inputs = []           # names of others, played as if they were one with it
# output = ""
# input_channel = 0          # 1 to 16; 0: any
# more_channels = []         # of the other inputs, in their order; those not named: as the last
# thru = true                # dry notes go to the output
# thru_channel = 1
# answer_channel = 2
# click_channel = 10
# panic_controller = 0        # a button of yours that closes everything that sounds; 0: none
# clock_out = false          # send start, clocks and stop; not while a MIDI clock is followed

[controller]
# input = ""                 # a port that has knobs alone; a keyboard's knobs need none
# output = ""                # where values go back to, for rings and motors
# takeover = "pickup"        # a knob does nothing until it passes the value; or "jump"
# program_channel = 0        # of the keyboard's, whose program changes choose presets; 0: none
# map = ""                   # the file of what is learnt; empty: cc.json in your own for settings

[transport]
# source = "internal"        # or "clock": follow MIDI clock; or "link": join an Ableton Link
#                            # session (pip install '.[link]')
# tempo = 120.0              # quarter notes a minute
# start = true               # roll as soon as everything is ready
# count_in = 0               # bars
# metronome = false

[osc]
# host = "127.0.0.1"         # opening it to the network is your choice
# port = 9010
# echo_host = "127.0.0.1"
# echo_port = 9011

[web]
# on = true                  # OSCQuery at http://127.0.0.1:9012/, the panel at /panel
# host = "127.0.0.1"         # "0.0.0.0" opens it to the network, for those who have the token
# port = 9012
# token = ""                 # for a host that others reach; empty: another one at every start
# announce = false           # by zeroconf, to the whole network; pip install '.[discover]'

[latency]
# input = 0.0                # milliseconds; `glissar doctor --latency` measures
# output = 0.0

[knobs]
# density = 0.0              # offsets at the start, -1 to 1

[constraints]
# scale = "major"            # what must hold from the start, in presets that have such menus
"""


def load(path: Path | None, flags: Mapping[str, Any]) -> Settings:
    """The settings of a file (by default ./glissar.toml, if there), overridden by flags.

    A flag's name is its place: "midi.input". None means not given. Raises GlissarError.
    """
    values = _read(path) if path else _read(DEFAULT_FILE) if DEFAULT_FILE.is_file() else {}
    for name, value in flags.items():
        if value is not None:
            *tables, key = name.split(".")
            place = values
            for table in tables:
                place = place.setdefault(table, {})
            if isinstance(place, dict):  # else what the file says there is refused below
                place[key] = value
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        where = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else "the flags")
        raise GlissarError(f"{where}: {error}; see `glissar init` for what is possible.") from error


def init(path: Path) -> None:
    """Write the commented settings. Raises GlissarError rather than overwrite."""
    if not path.parent.is_dir():
        raise GlissarError(f"there is no folder {path.parent}; make it first or give another.")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(COMMENTED)
    except FileExistsError as error:
        raise GlissarError(f"{path} exists already; edit it or give another name.") from error
    except OSError as error:
        raise GlissarError(f"{path} cannot be written ({error.strerror}).") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise GlissarError(
            f"there is no settings file {path}; `glissar init` writes one."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise GlissarError(f"{path} is no readable TOML ({error}).") from error
