"""Bytes that make no sense, by the million, where OSC and MIDI come in."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass, field
from random import Random
from types import TracebackType

from presets.preset import read_named
from realtime.controls import ROOT
from realtime.events import Control
from realtime.inbox import Inbox
from realtime.model import Model
from realtime.ports.osc import GARBAGE, HERE, Heard, OscPort, encode, parse
from realtime.session import Session
from realtime.settings import MidiSettings, OscSettings, Settings, TransportSettings
from realtime.stage.cases import midi_cases, osc_cases
from realtime.stage.free import free_port
from realtime.stage.scenario import Figure, Finding
from realtime.stage.simulated import House

CASES = 1_000_000
PART = 5_000  # cases of one port, and of one household
BATCH = 32  # datagrams that a port's buffer surely takes
HANG = 1.0  # s that a case may take
PATIENCE = 20.0  # s for a port to say what it does at once
TICK = 0.0005  # s between two MIDI messages
PRESET = "bach"


@dataclass
class Toll:
    """A case that raises, or takes longer than `HANG`, is kept with its bytes."""

    cases: int = 0
    crashes: list[str] = field(default_factory=list[str])
    hangs: list[str] = field(default_factory=list[str])
    slowest: float = 0.0  # s

    def of(self, case: bytes) -> _Case:
        return _Case(self, case)


class _Case(contextlib.AbstractContextManager[None]):
    def __init__(self, toll: Toll, case: bytes) -> None:
        self.toll, self.case = toll, case

    def __enter__(self) -> None:
        self.began = time.perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> bool:
        took, toll = time.perf_counter() - self.began, self.toll
        toll.slowest = max(toll.slowest, took)
        if took > HANG:
            toll.hangs.append(self.case.hex())
        if isinstance(error, Exception):
            toll.crashes.append(f"{error!r} of {self.case.hex()}")
            return True
        return False


def measure(share: float) -> Finding:
    model, toll = Model(read_named(PRESET)), Toll()
    parts = max(1, round(share * CASES / PART / 2))
    for number in range(parts):
        osc(model, number, PART, toll)
        midi(model, number, PART, toll)
    return Finding(
        [
            Figure("cases", toll.cases, ""),
            Figure("crashes", len(toll.crashes), "", must=0),
            Figure("hangs (over 1 s)", len(toll.hangs), "", must=0),
            Figure("the slowest case", toll.slowest * 1e3, "ms"),
        ],
        notes=[*toll.crashes[:8], *toll.hangs[:8]],
    )


# --- OSC ------------------------------------------------------------------------------------------


def osc(model: Model, number: int, count: int, toll: Toll) -> None:
    """To the parser one by one, to a port in batches, and what comes out of it to a session."""
    inbox: Inbox[Heard] = Inbox(limit=10 * BATCH)
    port, address = _open(inbox)
    session = Session(model.preset.manifest)
    batch: list[bytes] = []
    try:
        for case in osc_cases(number, count):
            toll.cases += 1
            with toll.of(case), contextlib.suppress(*GARBAGE):
                parse(case, time.time())
            batch.append(case)
            if len(batch) == BATCH:
                _through(address, batch, inbox, session, toll)
                batch.clear()
    finally:
        port.close()


def _open(inbox: Inbox[Heard]) -> tuple[OscPort, tuple[str, int]]:
    free = free_port()
    port = OscPort(OscSettings(port=free, echo_port=free), inbox.put)
    port.start()
    return port, (HERE, free)


def _through(
    address: tuple[str, int],
    batch: list[bytes],
    inbox: Inbox[Heard],
    session: Session,
    toll: Toll,
) -> None:
    """A port that never comes to say the last message has died of one before it."""
    last = (f"{ROOT}/fuzz", (toll.cases,))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for datagram in (*batch, encode(*last)):
            out.sendto(datagram, address)
    until = time.monotonic() + PATIENCE
    while heard := inbox.take(until):
        if last in heard.settings:
            return
        with toll.of(repr(heard).encode()):
            list(session.handle(Control(0, heard.settings, heard.time)))
    toll.crashes.append(f"the port fell silent after one of {[case.hex() for case in batch]}")


# --- MIDI -----------------------------------------------------------------------------------------


def midi(model: Model, number: int, count: int, toll: Toll) -> None:
    """To a household: thru, keys and follower get them, and the session what they make of them."""
    chance = Random(f"household {number}")
    source = "clock" if number % 2 else "internal"
    settings = Settings(
        midi=MidiSettings(clock_out=True),
        transport=TransportSettings(source=source, metronome=True),
    )
    house = House(model, settings, chance, lambda took: took)
    house.until(house.now + 1)
    house.set((f"{ROOT}/transport/play", (1,)), (f"{ROOT}/knob/density", (0.5,)))
    for case in midi_cases(number, count):
        toll.cases += 1
        with toll.of(case):
            house.play(case)
            house.until(house.now + TICK)
    house.close()
    toll.crashes += ["note-ons without their note-off"] * house.ear.counts["unmatched"]
