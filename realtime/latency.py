"""Round trip of the MIDI driver: what a message needs from our output back to our input."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from presets.errors import GlissarError
from realtime.ports.midi import open_ports
from realtime.settings import MidiSettings

PROBE = (0xBF, 119)  # an undefined controller on channel 16: nothing should sound or move
GAP = 0.017  # s between two, and a random part of it, so that no driver's period is hit in step


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Seconds each message took, ranked, and how many never came back."""

    api: str
    taken: tuple[float, ...]
    lost: int

    def percentile(self, p: float) -> float:
        return self.taken[min(math.floor(len(self.taken) * p / 100), len(self.taken) - 1)]


def round_trip(settings: MidiSettings, count: int = 300) -> RoundTrip:
    """Send `count` messages around a loop and time them; seconds of the monotonic clock.

    With named ports the loop is a cable, or a connection made elsewhere. Our own virtual ports are
    connected to each other here, which only JACK lets us do. Raises GlissarError.
    """
    came: list[tuple[float, bytes]] = []
    if not (settings.input and settings.output) and settings.api == "auto":
        settings = structs.replace(settings, api="jack")
    ports = open_ports(settings, lambda stamp, data, _: came.append((stamp, data)))
    try:
        if not (settings.input and settings.output):
            ports.connect([(ports.output, ports.input)])
        sent = [_probe(ports.send, number % 128) for number in range(count)]
        time.sleep(0.3)
        api = ports.api.title
    finally:
        ports.close()
    taken = _match(sent, came)
    if not taken:
        raise GlissarError(
            "Nothing that was sent came back: connect the MIDI output to the input, and name both "
            "with --output and --input."
        )
    return RoundTrip(api, tuple(sorted(taken)), count - len(taken))


def _probe(send: Callable[[bytes], None], value: int) -> tuple[float, bytes]:
    time.sleep(GAP * (1 + random.random()))
    message = bytes((*PROBE, value))
    now = time.monotonic()
    send(message)
    return now, message


def _match(sent: list[tuple[float, bytes]], came: list[tuple[float, bytes]]) -> list[float]:
    """Each message with the first of its kind that came after it, within half a second."""
    taken: list[float] = []
    for start, message in sent:
        back = (t - start for t, data in came if data == message and 0 <= t - start < 0.5)
        taken += [min(found)] if (found := list(back)) else []
    return taken
