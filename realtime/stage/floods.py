"""What a stage throws at glissar: too much, too soon, and nonsense, on its ports."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import time
from collections.abc import Generator, Iterator, Sequence
from random import Random

from realtime.controls import ROOT
from realtime.ports.osc import BUNDLE, HERE, encode
from realtime.stage.cases import osc_cases
from realtime.stage.hearing import RATE, clocks
from realtime.stage.peer import Score

FLOOD = 100_000  # OSC messages a second, at the most
CHUNK = 500  # of them between two looks at the time
LOOP = 10 * RATE  # frames after which the hands and the clock begin anew
BPM = 400.0  # a window in .6 s
NOTES, CONTROLLERS, SYSEX = 40, 400, 10  # a second
EPOCH = 2_208_988_800  # s from 1900 to 1970
FAR = 3600.0  # s ahead
KNOBS = "density", "range", "contour", "rhythm"


def osc(number: int) -> Sequence[bytes]:
    """One flood: knobs, bundles dated far ahead and a second ahead, and garbage."""
    chance = Random(number)
    knobs = [encode(f"{ROOT}/knob/{knob}", (chance.uniform(-1, 1),)) for knob in KNOBS * 10]
    ahead = [dated(knob, chance.choice((1.0, FAR))) for knob in knobs[:20]]
    garbage = list(osc_cases(number, 200))
    return chance.choices([*knobs * 10, *ahead * 2, *garbage], k=CHUNK * 20)


def dated(element: bytes, ahead: float) -> bytes:
    """A bundle for so many seconds from now."""
    tag = struct.pack(">Q", int((time.time() + EPOCH + ahead) * 2**32))
    return BUNDLE + tag + struct.pack(">i", len(element)) + element


def pour(flood: Sequence[bytes], port: int, seconds: float) -> int:
    """Send it again and again, at `FLOOD` a second or as fast as it goes; how many were sent."""
    begin, sent = time.monotonic(), 0
    around = itertools.cycle(flood)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect((HERE, port))
        while (passed := time.monotonic() - begin) < seconds:
            if sent > passed * FLOOD:
                time.sleep(0.001)
                continue
            for datagram in itertools.islice(around, CHUNK):
                with contextlib.suppress(ConnectionRefusedError):
                    out.send(datagram)
            sent += CHUNK
    return sent


@contextlib.contextmanager
def deaf(port: int) -> Generator[socket.socket]:
    """Somebody who asks for every echo and reads none: its buffer is full for good."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        listener.bind((HERE, 0))
        listener.sendto(encode(f"{ROOT}/listen", listener.getsockname()), (HERE, port))
        yield listener


def shaky_clock() -> Score:
    """A start, clocks up to 3 ms off, and a second of silence in each ten."""
    chance, beats = Random(0), int(9 * BPM / 60)
    off = [(f + chance.randrange(RATE * 3 // 1000), data) for f, data in clocks(BPM, beats, 48)]
    return Score("clock", ((0, b"\xfa"), *off), LOOP)


def busy_hands() -> Score:
    """Notes, controllers, and system exclusive messages of 100 bytes, all too many."""
    chance = Random(0)
    return Score("keys", tuple(sorted(_hands(chance))), LOOP)


def _hands(chance: Random) -> Iterator[tuple[int, bytes]]:
    for frame in range(0, LOOP - RATE, RATE // NOTES):
        pitch = chance.randrange(48, 84)
        yield frame, bytes((0x90, pitch, chance.randrange(1, 128)))
        yield frame + chance.randrange(RATE // 2), bytes((0x80, pitch, 64))
    for frame in range(0, LOOP, RATE // CONTROLLERS):
        yield frame, bytes((0xB0, chance.choice((1, 7, 11, 64)), chance.randrange(128)))
    for frame in range(0, LOOP, RATE // SYSEX):
        yield frame, b"\xf0" + bytes(chance.randrange(128) for _ in range(100)) + b"\xf7"
