"""What goes on beside the music: a thousand knobs a second by OSC, and other presets."""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from presets.folders import find, glance
from realtime.controls import ROOT, table
from realtime.stage.house import House

RATE = 1000  # messages a second
SWAP = f"{ROOT}/preset/load"
SWAP_EVERY = 5.0  # s
PRESETS = "bach", "session"  # in turn


@dataclass
class Done:
    """What the load came to."""

    seconds: float = 0.0
    messages: int = 0
    swaps: int = 0

    @property
    def said(self) -> str:
        rate = self.messages / self.seconds
        swaps = f"{self.swaps} presets swapped" if self.swaps else "no preset swapped"
        return f"Beside it: {rate:.0f} OSC messages a second, each a turned knob; {swaps}."


@contextlib.contextmanager
def busy(house: House) -> Generator[Done]:
    """Turn every knob that the presets share, from another thread, until the end."""
    known = [glance(find(preset))[1] for preset in PRESETS]
    knobs = [name for name in known[0] if all(name in names for names in known)]
    done, over = Done(), threading.Event()
    arguments = (house, knobs, SWAP in table(knobs), done, over)
    thread = threading.Thread(target=_turn, args=arguments, daemon=True)
    began = time.monotonic()
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()
        done.seconds = time.monotonic() - began


def _turn(
    house: House, knobs: Sequence[str], swaps: bool, done: Done, over: threading.Event
) -> None:
    began = time.monotonic()
    for knob in itertools.cycle(knobs):
        due = began + done.messages / RATE
        if over.wait(max(0.0, due - time.monotonic())):
            return
        house.say(f"{ROOT}/knob/{knob}", math.sin(done.messages / RATE))
        done.messages += 1
        if swaps and due - began > SWAP_EVERY * (done.swaps + 1):
            done.swaps += 1
            house.say(SWAP, PRESETS[done.swaps % len(PRESETS)])
