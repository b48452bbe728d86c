"""Eight hours' worth of events, mostly bad ones, and the memory of those who bear them.

A running `glissar play` gets more in ten minutes than hands do in eight hours: 288,000 turns of a
knob would be ten a second, 24,000 notes one in a second. Windows cannot come so much faster;
eight hours of them are played in simulated time, by a household in this process.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from presets.preset import read_named
from realtime.controls import ROOT
from realtime.model import Model
from realtime.ports.osc import MAX_AHEAD
from realtime.settings import Settings
from realtime.stage import floods, rig
from realtime.stage.hearing import RATE, Peer
from realtime.stage.hour import wander
from realtime.stage.household import IN, OUT, Household
from realtime.stage.rig import Jack
from realtime.stage.scenario import Figure, Finding
from realtime.stage.simulated import House

REAL, SIMULATED = 600.0, 8 * 3600.0  # s
PRESET = "bach"
MODE = f"{ROOT}/mode"
BURST, PAUSE = 1.0, 1.0  # s of flood, s between two floods
LOOKS = 100  # at the memory of a simulated household
FLAT = 5.0  # % of growth
PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6  # MB


@dataclass
class Memory:
    """Resident megabytes of processes, sampled, and their ids."""

    samples: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    pids: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def look(self, pids: Mapping[str, int]) -> None:
        self.pids |= set(pids.items())
        for name, pid in pids.items():
            resident = Path(f"/proc/{pid}/statm").read_text().split()[1]
            self.samples.setdefault(name, []).append(int(resident) * PAGE)

    def growth(self, name: str) -> float:
        """In %, from the second fifth of the time, after warm-up, to the last."""
        values = self.samples[name]
        fifth = max(1, len(values) // 5)
        before, after = values[fifth : 2 * fifth], values[-fifth:]
        return (sum(after) / len(after)) / (sum(before) / len(before)) * 100 - 100

    @property
    def restarts(self) -> int:
        return len(self.pids) - len(self.samples)


def measure(share: float) -> Finding:
    """Raises GlissarError where there is no JACK."""
    memory = Memory()
    simulate(share * SIMULATED, memory)
    with rig.alone(), tempfile.TemporaryDirectory() as folder, rig.serve(Path(folder)) as jack:
        sent, answers = flood(jack, share * REAL, memory)
    grown = [
        Figure(f"growth of {name}", memory.growth(name), "%", must=FLAT) for name in memory.samples
    ]
    died = Figure("processes that died", memory.restarts, "", must=0)
    after = Figure("answers after it all", answers, "", must=1, at_least=True)
    said = f"Eight hours of playing, simulated, then {REAL / 60:.0f} minutes of floods"
    note = said if share == 1 else f"{share:.0%} of: {said}"
    return Finding(
        [*grown, died, after, Figure("OSC datagrams", sent, "")],
        memory.samples,
        "MB",
        [f"{note}, of up to {floods.FLOOD:,} OSC messages a second, and a log on /dev/full."],
    )


def simulate(seconds: float, memory: Memory) -> None:
    """Player, session and model in this process."""
    chance = Random(0)
    house = House(Model(read_named(PRESET)), Settings(), chance, lambda took: took)
    house.until(house.now + 1)
    house.set((f"{ROOT}/transport/play", (1,)))
    begin = house.now
    for look in range(LOOKS):
        while house.now < begin + seconds * (look + 1) / LOOKS:
            wander(house, chance, turns=1)
        memory.look({"a simulated household": os.getpid()})
    house.close()


def flood(jack: Jack, seconds: float, memory: Memory) -> tuple[int, int]:
    """How many OSC datagrams were sent, and answers heard when all was over."""
    flags = ("--preset", PRESET, "--clock", "--no-thru", "--log", "/dev/full")
    house = Household.play(jack.folder, *flags, spawn=jack.spawn)
    jack.wait_for(IN, OUT)
    try:
        return _pour(jack.peer(), house, seconds, memory)
    finally:
        house.end()


def _pour(peer: Peer, house: Household, seconds: float, memory: Memory) -> tuple[int, int]:
    port, sent = house.ports.osc, 0
    for source, sink in ((peer.clock, IN), (peer.keys, IN), (OUT, peer.port)):
        peer.connect(source, sink)
    peer.play(floods.shaky_clock())
    peer.play(floods.busy_hands())
    with floods.deaf(port):
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            sent += floods.pour(floods.osc(number), port, BURST)
            memory.look(house.processes())
            time.sleep(PAUSE)
            number += 1
    time.sleep(MAX_AHEAD)  # what was dated ahead has come
    house.ask(MODE)  # and so has everything else
    _put_right(house)
    return sent, _answers(peer)


def _put_right(house: Household) -> None:
    """Whatever the flood has set: with density far down, three notes are answered by none."""
    house.say(MODE, "follow")
    for knob in floods.KNOBS:
        house.say(f"{ROOT}/knob/{knob}", 0.0)


def _answers(peer: Peer) -> int:
    """Note-ons of the answer, once everything is well again."""
    peer.strike(RATE, (0, 60, 9000), (12_000, 64, 9000), (24_000, 67, 9000))
    peer.start(240)
    peer.forget()
    peer.wait_for(0x91, 3)
    return peer.count(0x91)
