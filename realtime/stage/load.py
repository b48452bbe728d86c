"""What goes on beside the music: a thousand knobs a second by OSC, other presets, panels."""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from presets.folders import find, glance
from realtime.controls import ROOT
from realtime.stage.house import House
from realtime.stage.panels import Panels
from realtime.stage.rig import Jack
from realtime.stage.waiting import wait_until

RATE = 1000  # messages a second
SWAP = f"{ROOT}/preset/load"
SWAP_EVERY = 5.0  # s
PRESETS = "bach", "session"  # in turn


@dataclass
class Done:
    """What the load came to."""

    seconds: float = 0.0
    messages: int = 0
    asked: int = 0  # for presets
    swaps: int = 0  # that came
    panels: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def said(self) -> str:
        told, trees = (self.panels.get(what, 0) for what in ("told", "trees"))
        rate, values = self.messages / self.seconds, told / 2 / self.seconds
        return (
            f"Beside it: {rate:.0f} OSC messages a second, each a turned knob; {self.swaps} "
            f"presets swapped; two panels, each told {values:.0f} values a second, and "
            f"{trees} fetched trees."
        )


class Load:
    """Turns every knob that the presets share, and asks for another preset every five seconds."""

    def __init__(self, house: House) -> None:
        known = [glance(find(preset)).knobs for preset in PRESETS]
        self.done = Done()
        self.swapping, self._over = True, threading.Event()
        self._house = house
        knobs = [name for name in known[0] if all(name in names for names in known)]
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._go, args=(knobs,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()
        self.done.seconds = time.monotonic() - self._began

    def _go(self, knobs: Sequence[str]) -> None:
        began, done = self._began, self.done
        for knob in itertools.cycle(knobs):
            due = began + done.messages / RATE
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            self._house.say(f"{ROOT}/knob/{knob}", math.sin(done.messages / RATE))
            done.messages += 1
            if self.swapping and due - began > SWAP_EVERY * (done.asked + 1):
                done.asked += 1
                self._house.say(SWAP, PRESETS[done.asked % len(PRESETS)])


@contextlib.contextmanager
def busy(jack: Jack, house: House) -> Generator[Done]:
    """All of it until the end, from another thread and another process. The last preset that was
    asked for is waited for, a while."""
    panels = Panels(jack, house.ports.web)
    load = Load(house)
    done = load.done
    try:
        yield done
        load.swapping = False
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: panels.swaps >= done.asked, "a preset does not come")
        done.swaps = panels.swaps
    finally:
        load.end()
        done.panels = panels.close()
