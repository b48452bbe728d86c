"""What a storm chooses from: settings, values of controls, and nonsense."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import msgspec

from realtime.controls import MODES
from realtime.settings import Settings

ODD = ("f07e7ff7", "903c", "90c840", "fe", "f120", "", "80", "e000", "ff", "b040", "f8", "c0")
NAMES = "verse", "chorus"  # of snapshots
VALUES = (0, 1, 0.3, -0.7, 5, True, "x", None, math.nan, 10**30)

CHOICES: Sequence[tuple[str, Sequence[object]]] = (
    ("mode", MODES),
    ("mode", ("follow", "freeze")),
    ("edit", ("residual", "full")),
    ("delay", (1, 1, 1, 2, 4)),
    ("every", (1, 3)),
    ("variation", (0, 0.7)),
    ("thru", (0, 1, 1)),
    ("morph", (0, 0.4, 1)),
    ("morph/a", (1,)),
    ("morph/b", (1,)),
    ("query", ("/glissar/mode", "/glissar/x")),
    ("preset/load", ("", "none of these")),
    ("snapshot/recall", ("?",)),
)


def settings(chance: Random) -> Settings:
    """A household's own choices."""
    some = chance.choice
    return msgspec.convert(
        {
            "delay": some((1, 1, 2)),
            "log": some(("", "told")),  # nothing is written here, but cues are told
            "midi": {
                "thru": some((True, True, False)),
                "clock_out": some((True, False)),
                "input_channel": some((0, 0, 1)),
                "panic_controller": some((0, 66)),
            },
            "transport": {
                "source": some(("internal", "internal", "clock")),
                "count_in": some((0, 1)),
                "metronome": some((True, False)),
                "tempo": chance.uniform(90, 400),
            },
            "latency": {"input": some((0, 5)), "output": some((0, 10))},
        },
        Settings,
    )
