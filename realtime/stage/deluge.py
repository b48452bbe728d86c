"""A hundred thousand OSC messages a second for a while, in bundles, and whether music goes on.

    python -m realtime.stage.deluge PORT SECONDS

pours them, from a process of its own, and says how many it sent and in what time.
"""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence

from realtime.controls import ROOT
from realtime.ports.osc import BUNDLE, HERE, encode
from realtime.settings import MidiSettings, Settings, TransportSettings
from realtime.stage.floods import FLOOD, KNOBS
from realtime.stage.hearing import RATE
from realtime.stage.house import House
from realtime.stage.household import IN, OUT
from realtime.stage.rig import stage
from realtime.stage.scenario import Figure, Finding, percentile, spread
from realtime.stage.stamped import Stamps

SECONDS, SHORTEST = 60.0, 5.0
BUNDLED = 50  # messages in a datagram
NOW = bytes(7) + b"\x01"
TUNE = tuple((n * 6007, 60 + n * 5 % 17, 3001) for n in range(8))  # keys, in frames
DRY = 0x90
SETTINGS = Settings(midi=MidiSettings(answer_channel=2), transport=TransportSettings(tempo=120))
CALM = 5.0  # s before it
TOLD = 2.0  # s by which the engine has told its counters
MODE = f"{ROOT}/mode"


def measure(share: float) -> Finding:
    seconds = max(SECONDS * share, SHORTEST)
    with stage() as jack:
        house = House(jack, SETTINGS)
        peer = jack.peer()
        for source, sink in ((peer.keys, IN), (OUT, peer.port)):
            peer.connect(source, sink)
        peer.strike(RATE, *TUNE)
        time.sleep(CALM)
        path, began = jack.folder / "poured.txt", time.monotonic()
        with path.open("wb") as out:
            arguments = ("-m", "realtime.stage.deluge", str(house.ports.osc), str(seconds))
            pouring = jack.python(*arguments, stdout=out)
        pouring.wait(seconds + 60)
        over = time.monotonic()
        house.ask(MODE)
        answered = time.monotonic() - over
        sent, took = map(float, path.read_text().split())
        time.sleep(TOLD)
        lost = float(house.ask(f"{ROOT}/state/osc_overflow"))
        stamps = house.leave()
    during = [late for when, late in _late(stamps) if began < when < over]
    thru = [late for when, late in _passed(stamps) if began < when < over]
    return Finding(
        [
            Figure("OSC messages a second", sent / took, "", FLOOD, at_least=True),
            Figure("answers' notes meanwhile", len(during), ""),
            Figure("after their time, p99 − p50", spread(during), "ms", 1.0),
            Figure("after their time, p99.9", percentile(during, 99.9), "ms", 3.0),
            Figure("keys passed on meanwhile, p99", percentile(thru, 99), "ms", 1.0),
            Figure("keys not passed on", sum(map(math.isinf, thru)), "", 0),
            Figure("the engine answers after it", answered * 1e3, "ms"),
        ],
        {"answers' notes": during, "keys": thru},
        notes=[
            f"{sent:.0f} messages in {took:.1f} s, {BUNDLED} in a datagram, all of them turned "
            f"knobs; the system dropped {lost:.0f} datagrams that the engine had no time for.",
            "What comes by OSC waits behind what the player tells, so that windows are answered in "
            "time; a knob that is turned meanwhile may be heard late.",
        ],
    )


def _late(stamps: Stamps) -> Iterator[tuple[float, float]]:
    """(when it was due, milliseconds after it) of all that had a tick."""
    for sent in stamps.sent:
        if sent.due is not None:
            yield sent.due, (sent.time - sent.due) * 1e3


def _passed(stamps: Stamps) -> Iterator[tuple[float, float]]:
    """(when it came, milliseconds until it was sent on) of all keys struck; infinite if never."""
    dry = iter([s for s in stamps.sent if s.tick is None and s.data[0] == DRY])
    for came in stamps.came:
        if came.data[0] == DRY:
            sent = next((s for s in dry if s.data == came.data), None)
            yield came.time, (sent.time - came.time) * 1e3 if sent else math.inf


def pour(port: int, seconds: float) -> tuple[int, float]:
    """Bundles at an even rate, or as fast as it goes; how many messages, and in what time."""
    began, number = time.monotonic(), 0
    bundles = [_bundle(math.sin(n)) for n in range(64)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect((HERE, port))
        while (now := time.monotonic()) < began + seconds:
            if (ahead := began + number * BUNDLED / FLOOD - now) > 0:
                time.sleep(ahead)
            with contextlib.suppress(ConnectionRefusedError):
                out.send(bundles[number % len(bundles)])
            number += 1
    return number * BUNDLED, time.monotonic() - began


def _bundle(value: float) -> bytes:
    knobs: Sequence[bytes] = [encode(f"{ROOT}/knob/{knob}", (value,)) for knob in KNOBS]
    messages = [knobs[n % len(knobs)] for n in range(BUNDLED)]
    return BUNDLE + NOW + b"".join(struct.pack(">i", len(m)) + m for m in messages)


if __name__ == "__main__":
    sys.stdout.write("{} {}".format(*pour(int(sys.argv[1]), float(sys.argv[2]))))
