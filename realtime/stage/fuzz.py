"""Bytes that make no sense, by the million, where OSC and MIDI come in.

Cases are made by their number from whole ones: cut, spliced, doubled, with other bytes and sizes in
them. `osc_cases(7, 1000)` are always the same.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from types import TracebackType

from presets.preset import read_named
from realtime.controls import MODES, ROOT
from realtime.events import Control
from realtime.inbox import Inbox
from realtime.model import Model
from realtime.ports.osc import BUNDLE, GARBAGE, HERE, Heard, OscPort, encode, parse
from realtime.session import Session
from realtime.settings import MidiSettings, OscSettings, Settings, TransportSettings
from realtime.stage.house import House
from realtime.stage.scenario import Figure, Finding

CASES = 1_000_000
PART = 5_000  # cases of one port, and of one household
BATCH = 32  # datagrams that a port's buffer surely takes
HANG = 1.0  # s that a case may take
PATIENCE = 20.0  # s for a port to say what it does at once
TICK = 0.0005  # s between two MIDI messages
PRESET = "bach"
SIZES = (0, 1, 4, 16, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFEC)
NOW = bytes(7) + b"\x01"


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
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HERE, 0))
        free = probe.getsockname()[1]
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


def osc_cases(number: int, count: int) -> Iterator[bytes]:
    chance = Random(f"osc {number}")
    whole = [
        encode(f"{ROOT}/knob/density", (0.5,)),
        encode(f"{ROOT}/transport/tempo", (120.0, 8)),
        encode(f"{ROOT}/transport/play", (1,)),
        encode(f"{ROOT}/morph/a", ()),
        encode(f"{ROOT}/query", (f"{ROOT}/mode",)),
        encode(f"{ROOT}/unlisten", (HERE, 9999)),
        *(encode(f"{ROOT}/mode", (mode,)) for mode in MODES),
        b"/x\0\0,[TFNimrtb]\0\0" + bytes(40),
    ]
    whole += [_bundle(chance.sample(whole, 3)) for _ in range(4)]
    whole += [_bundle(chance.sample(whole, 2)) for _ in range(4)]
    for _ in range(count):
        yield mutated(chance, whole)


def _bundle(elements: list[bytes]) -> bytes:
    return BUNDLE + NOW + b"".join(struct.pack(">i", len(each)) + each for each in elements)


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


def midi_cases(number: int, count: int) -> Iterator[bytes]:
    chance = Random(f"midi {number}")
    names = (
        "903c40 803c40 904000 b04000 b0407f b07b00 e00040 c005 d040 a03c10 f8 fa fb fc f20400 fe"
    )
    whole = [bytes.fromhex(name) for name in names.split()]
    whole.append(b"\xf0" + chance.randbytes(3000).translate(bytes(n & 0x7F for n in range(256))))
    for _ in range(count):
        yield mutated(chance, whole) if chance.random() < 0.7 else chance.choice(whole[:-1])


# --- cases ----------------------------------------------------------------------------------------


def mutated(chance: Random, whole: list[bytes]) -> bytes:
    """One of them, or none, after up to four changes."""
    data = bytearray(chance.choice(whole) if chance.random() < 0.95 else chance.randbytes(24))
    for _ in range(chance.randint(0, 4)):
        at = chance.randint(0, len(data))
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = chance.randbytes(1)
            case 1:
                del data[at : at + chance.choice((1, 4, 100))]
            case 2:
                data[at:at] = chance.randbytes(chance.choice((1, 4)))
            case 3:
                data[at : at + 4] = struct.pack(">I", chance.choice(SIZES))
            case 4:
                data[at // 4 * 4 : at // 4 * 4 + 4] = struct.pack(">I", chance.choice(SIZES))
            case 5:
                other = chance.choice(whole)
                data[at:] = other[chance.randint(0, len(other)) :]
            case _:
                data += data[at:] * chance.choice((1, 8))
    return bytes(data[:8000])
