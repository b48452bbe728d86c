"""Eight hours' worth of events, mostly bad ones, and the memory of those who bear them.

A running `glissar play` gets more in ten minutes than hands do in eight hours: 288,000 turns of a
knob would be ten a second, 24,000 notes one in a second. Windows cannot come so much faster;
eight hours of them are played in simulated time, by a household in this process.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from presets.preset import read_named
from realtime.controls import ROOT
from realtime.model import Model
from realtime.ports.osc import HERE
from realtime.settings import Settings
from realtime.stage import floods, rig
from realtime.stage.hour import wander
from realtime.stage.rig import RATE, Jack, Peer
from realtime.stage.scenario import Figure, Finding
from realtime.stage.simulated import House

REAL, SIMULATED = 600.0, 8 * 3600.0  # s
PRESET = "bach"
IN, OUT = "glissar-in:in", "glissar-out:out"
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
    port, sent = _free_port(), 0
    ports = ("--osc-port", str(port), "--echo-port", str(port + 1))
    play = ("-m", "realtime", "play", "--preset", PRESET, "--clock", "--no-thru")
    with (jack.folder / "said.txt").open("wb") as said:
        process = jack.python(*play, *ports, "--log", "/dev/full", stderr=said)
    jack.wait_for(IN, OUT)
    jack.wait(lambda: len(_household(process.pid)) == 3, "it does not start")
    peer = jack.peer()
    for source, sink in ((peer.clock, IN), (peer.keys, IN), (OUT, peer.port)):
        peer.connect(source, sink)
    peer.play(floods.shaky_clock())
    peer.play(floods.busy_hands())
    with floods.deaf(port):
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            sent += floods.pour(floods.osc(number), port, BURST)
            memory.look(_household(process.pid))
            time.sleep(PAUSE)
            number += 1
    return sent, _answers(peer)


def _household(pid: int) -> dict[str, int]:
    """Process ids by name."""
    found = {"supervisor": pid}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        for name, module in (("player", b"realtime.player"), ("engine", b"realtime.service")):
            if module in command:
                found.setdefault(name, int(child))  # its spare came later
    return found


def _answers(peer: Peer) -> int:
    """Note-ons of the answer, once everything is well again."""
    peer.strike(RATE, (0, 60, 9000), (12_000, 64, 9000), (24_000, 67, 9000))
    peer.start(240)
    peer.forget()
    peer.wait_for(0x91, 3)
    return peer.count(0x91)


def _free_port() -> int:
    """A loopback port that nobody had a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HERE, 0))
        return min(probe.getsockname()[1], 65_000)
