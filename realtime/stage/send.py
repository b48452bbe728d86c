"""Notes sent at their times while everything is busy: glissar, mido and isobar side by side.

Lateness is taken at the call of send, in each process, by the clock that the player goes by. What
is constant in it is latency and no jitter, so p99 − p50 is what is compared.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from msgspec import json

from presets.errors import GlissarError
from realtime.settings import MidiSettings, Settings, TransportSettings
from realtime.stage.hearing import PERIOD, RATE, Heard, Peer, stdin
from realtime.stage.house import IN, OUT, House
from realtime.stage.load import Done, busy
from realtime.stage.peer import Score
from realtime.stage.rig import Jack, stage
from realtime.stage.rivals import BEAT, BPM, CHANNELS, PORTS, Tune
from realtime.stage.scenario import Figure, Finding, from_median, percentile, spread
from realtime.stage.stamped import Sent, Stamps

MINUTES = 10
SHORTEST = 9.0  # s: a window has to be played before one is answered
BLOCK = 20.0  # s in which the wall clock, by which isobar goes, and the monotonic one stay together
TIGHTER = 5.0
GLISSAR = "glissar"
ANSWERS = 1  # the channel, 0 to 15
# Sixteenths of a bar, and a few off them: binary fractions of a beat, so that all of them are whole
# ticks of everyone's (960, 960 and 480 to a beat), and nobody has to round.
STARTS = (0, 0.25, 0.5, 0.8125, 1, 1.25, 1.5, 1.75, 2, 2.3125, 2.5, 2.75, 3, 3.25, 3.5625, 3.75)
TUNE = Tune(tuple((beat, 60 + n * 5 % 17, 0.125) for n, beat in enumerate(STARTS)), 4.0)
SETTINGS = Settings(
    midi=MidiSettings(thru=False, answer_channel=ANSWERS + 1),
    transport=TransportSettings(tempo=BPM),
)


@dataclass(frozen=True, slots=True)
class Take:
    """Milliseconds of lateness, up to a constant: at the call of send, and as the peer heard it."""

    inside: Sequence[float]
    at_port: Sequence[float]


class Rival:
    """Somebody else's player, its port open and connected."""

    def __init__(self, jack: Jack, peer: Peer, name: str) -> None:
        self.jack, self.name = jack, name
        self._out, tune = jack.folder / f"{name}.json", jack.folder / "tune.json"
        tune.write_bytes(json.encode(TUNE))
        self._process = jack.python(
            "-m", "realtime.stage.rivals", name, str(tune), str(self._out), stdin=subprocess.PIPE
        )
        jack.wait_for(PORTS[name])
        peer.connect(PORTS[name], peer.port)

    def play(self, seconds: float) -> None:
        pipe = stdin(self._process)
        pipe.write(b"play\n")
        pipe.flush()
        time.sleep(seconds)
        self._process.send_signal(signal.SIGTERM)
        self.jack.wait(self._out.exists, f"{self.name} does not end as it should")

    def take(self, peer: Peer) -> Take:
        """Of its note-ons."""
        late = json.decode(self._out.read_bytes(), type=list[float])
        return Take([1e3 * each for each in late], in_the_loop(peer.notes(CHANNELS[self.name])))


def measure(share: float) -> Finding:
    """glissar plays all the time; the others in turn, each as long as the next."""
    if find_spec("isobar") is None:
        raise GlissarError("no isobar here to compare with: pip install '.[stage]'.")
    each = max(60 * MINUTES * share, SHORTEST) / len(PORTS)
    with stage() as jack:
        house = House(jack, SETTINGS)
        peer = jack.peer()
        rivals = {name: Rival(jack, peer, name) for name in PORTS}
        peer.connect(OUT, peer.port)
        peer.connect(peer.keys, IN)
        peer.play(_keys())
        time.sleep(2 * TUNE.loop * BEAT)  # from here on there is something to answer
        began = time.monotonic()
        with busy(jack, house) as load:
            for rival in rivals.values():
                rival.play(each)
        stamps = house.leave()
        takes = {GLISSAR: _ours(stamps, peer.notes(ANSWERS), began)}
        takes |= {name: rival.take(peer) for name, rival in rivals.items()}
    return Finding(
        [*_figures(takes), *_of_load(load)],
        {name: _after_the_first(take.inside) for name, take in takes.items()},
        notes=[load.said, *_notes(takes)],
    )


def _after_the_first(late: Sequence[float]) -> list[float]:
    """To be drawn: no constant of theirs, and none below 0."""
    least = min(late, default=0.0)
    return [each - least for each in late]


def _keys() -> Score:
    """The tune, for glissar to answer: so it has the same to play, but for what knobs change."""
    frames = BEAT * RATE
    events: list[tuple[int, bytes]] = []
    for beat, pitch, beats in TUNE.notes:
        events.append((round(beat * frames), bytes((0x90, pitch, 64))))
        events.append((round((beat + beats) * frames), bytes((0x80, pitch, 64))))
    return Score("keys", tuple(events), round(TUNE.loop * frames))


def _ours(stamps: Stamps, heard: Sequence[Heard], began: float) -> Take:
    """All notes since the load `began` (monotonic), offs too: they fall between others' ons."""
    sent = [s for s in stamps.sent if s.data[0] & 0xEF == 0x80 | ANSWERS]
    pairs: list[tuple[Sent, Heard]] = list(zip(sent, heard, strict=False))
    due = [(s, h, s.due) for s, h in pairs if s.due is not None and s.due > began]
    at_port = steady([(when, h.time - when) for _, h, when in due])
    return Take([(s.time - when) * 1e3 for s, _, when in due], at_port)


def in_the_loop(heard: Sequence[Heard]) -> list[float]:
    """Milliseconds at the port, of note-ons that come again with every loop: how far each is from
    where the tune has its pitch, by the first."""
    starts = {pitch: beat * BEAT for beat, pitch, _ in TUNE.notes}
    loop = TUNE.loop * BEAT
    off = [(h.time, h.time - starts[h.data[1]]) for h in heard if h.data[0] & 0xF0 == 0x90]
    if not off:
        return []
    first = off[0][1]
    return steady([(when, (o - first + loop / 2) % loop - loop / 2) for when, o in off])


def steady(late: Sequence[tuple[float, float]]) -> list[float]:
    """(time, lateness) in seconds → ms from the median of each `BLOCK`."""
    blocks: dict[int, list[float]] = {}
    for when, value in late:
        blocks.setdefault(int(when / BLOCK), []).append(1e3 * value)
    return [value for block in blocks.values() for value in from_median(block)]


def _figures(takes: Mapping[str, Take]) -> list[Figure]:
    ours = takes[GLISSAR].inside
    figures = [
        Figure("p50 after its time", percentile(ours, 50), "ms"),
        Figure("p99 − p50", spread(ours), "ms", 1.0),
        Figure("p99.9 after its time", percentile(ours, 99.9), "ms", 3.0),
    ]
    for name, take in takes.items():
        if name != GLISSAR:
            times = spread(take.inside) / spread(ours)
            must = None if name == "mido-fifo" else TIGHTER  # it is no one's documented set-up
            figures += [
                Figure(f"{name}, p99 − p50", spread(take.inside), "ms"),
                Figure(f"glissar tighter than {name}", times, "×", must, at_least=True),
            ]
    at_port = [(name, spread(take.at_port)) for name, take in takes.items()]
    return figures + [Figure(f"{name}, at the port, p99 − p50", s, "ms") for name, s in at_port]


def _of_load(load: Done) -> list[Figure]:
    return [
        Figure("presets swapped meanwhile", load.swaps, ""),
        Figure("of those asked for, not swapped", load.asked - load.swaps, "", 0),
        Figure("panels that were lost", load.panels.get("lost", 0), "", 0),
    ]


def _notes(takes: Mapping[str, Take]) -> list[str]:
    period = PERIOD / RATE * 1e3
    counts = ", ".join(f"{len(take.inside)} of {name}" for name, take in takes.items())
    return [
        f"Sends: {counts}. A plan that comes after its own time is due when it comes.",
        f"At the port all is in steps of a period ({period:.2f} ms): of what comes evenly, "
        f"p99 − p50 is {0.49 * period:.2f} ms there, however exact the sender is.",
        "mido-fifo is mido's play at the real-time priority that glissar asks for and mido does "
        "not: it is given to tell how much of a difference is priority alone, and has no mark.",
    ]
