"""In phase with an outer clock: what sounds, beside the clock that the peer sends, frame by frame.

Clicks and generated notes have a tick each, which the player stamps; where it lies on the clock is
known to the frame. What is constant in the difference is latency, and taken out.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from realtime.follower import TICKS_PER_CLOCK, Follower
from realtime.settings import MidiSettings, Settings, TransportSettings
from realtime.stage.hearing import PERIOD, RATE, Heard, Peer, clocks
from realtime.stage.house import IN, OUT, House
from realtime.stage.peer import Score
from realtime.stage.rig import stage
from realtime.stage.scenario import Figure, Finding, from_median, percentile
from realtime.stage.stamped import Stamps

MARK = PERIOD / RATE * 1e3 + 1  # ms
NO_DRIFT = 0.1  # ms in an hour: less than what the smallest step of MIDI's clock would be
START_BPM, FIRST_GUESS = 133, 100.0
RAMP, RAMP_BEATS = (60, 180), 64  # evenly from beat to beat
RUN, REST = 8, 2  # quarter notes that each continued run plays, and that it stands before
MS = RATE // 1000
ANSWERS, CLICKS = 1, 9  # channels, 0 to 15
SETTINGS = Settings(
    mode="generate",
    knobs={"density": 1.0},  # much to be heard
    midi=MidiSettings(thru=False, answer_channel=ANSWERS + 1, click_channel=CLICKS + 1),
    transport=TransportSettings(source="clock", tempo=FIRST_GUESS, metronome=True),
)
Events = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Song:
    """One run of the song: where each clock that counts lay."""

    ticks: list[int] = field(default_factory=list[int])
    frames: list[int] = field(default_factory=list[int])

    def frame_at(self, tick: int) -> float:
        """NaN where no clock was yet, or none any more."""
        return float(np.interp(tick, self.ticks, self.frames, np.nan, np.nan))


def measure(share: float) -> Finding:
    """Three takes on real ports, and an hour in process."""
    takes = {
        "start": _start(max(12, round(START_BPM * share))),
        f"ramp {RAMP[0]}→{_top(share):.0f}": _ramp(_top(share)),
        "song position + continue": _proceed(max(2, round(10 * share))),
    }
    with stage() as jack:
        house = House(jack, SETTINGS)
        peer = jack.peer()
        for source, sink in ((peer.clock, IN), (peer.clock, peer.port), (OUT, peer.port)):
            peer.connect(source, sink)
        for events in takes.values():
            _play(peer, events)
        stamps, heard = house.leave(), peer.heard()
    counts = [sum(data in (b"\xfa", b"\xfb") for _, data in events) for events in takes.values()]
    off = list(errors(stamps, heard, songs(heard)))
    phases = dict(zip(takes, _phases(off, counts), strict=True))
    figures = [Figure(f"{name}, p99", percentile(p, 99), "ms", MARK) for name, p in phases.items()]
    figures.append(Figure("drift in an hour of clock", abs(drift(3600 * share)), "ms", NO_DRIFT))
    return Finding(figures, phases, notes=_notes(phases, share))


def _start(beats: int) -> Events:
    """From the first clock on, at a tempo that nobody told."""
    return [(0, b"\xfa"), *clocks(START_BPM, beats, MS), *_stop(MS, START_BPM, beats)]


def _stop(first: int, bpm: float, beats: int) -> Events:
    return [(first + round(beats * 60 * RATE / bpm), b"\xfc")]


def _top(share: float) -> float:
    """Where the ramp ends: as steep as the whole, it is a part of it."""
    return RAMP[0] + min(max(share, 0.05), 1.0) * (RAMP[1] - RAMP[0])


def _ramp(top: float) -> Events:
    """With four steady quarter notes before it and after."""
    slope = (RAMP[1] - RAMP[0]) / RAMP_BEATS
    beats = (top - RAMP[0]) / slope
    events: Events = [(0, b"\xfa")]
    frame = float(MS)
    for clock in range(round(24 * (beats + 8))):
        events.append((round(frame), b"\xf8"))
        frame += 2.5 * RATE / (RAMP[0] + slope * min(max(clock / 24 - 4, 0.0), beats))
    return [*events, (round(frame), b"\xfc")]


def _proceed(runs: int) -> Events:
    """A clock that never rests, and a song that is taken up in ever other places."""
    beats = RUN + REST
    events = clocks(120, beats * runs + 1)
    for run in range(runs):
        beat = RATE // 2
        first = (run * beats + REST) * beat
        position = (run * 52 + 13) % 400  # sixteenths
        events += [
            (first - beat + 3 * MS, bytes((0xF2, position & 127, position >> 7))),
            (first - MS, b"\xfb"),
            (first + RUN * beat - MS, b"\xfc"),
        ]
    return sorted(events)


def _play(peer: Peer, events: Events) -> None:
    peer.play(Score("clock", tuple(events)))
    time.sleep(events[-1][0] / RATE + 1)


def songs(heard: Sequence[Heard]) -> list[Song]:
    """Every run, counted as MIDI 1.0 has it."""
    found: list[Song] = []
    tick, rolling = 0, False
    for message in heard:
        match message.data[0]:
            case 0xFA | 0xFB:
                tick = 0 if message.data[0] == 0xFA else tick
                rolling = True
                found.append(Song())
            case 0xFC:
                rolling = False
            case 0xF2:
                tick = 6 * TICKS_PER_CLOCK * (message.data[1] | message.data[2] << 7)
            case 0xF8 if rolling:
                found[-1].ticks.append(tick)
                found[-1].frames.append(message.frame)
                tick += TICKS_PER_CLOCK
            case _:
                pass
    return found


def _phases(off: Sequence[tuple[int, float]], counts: Sequence[int]) -> Iterator[list[float]]:
    """Milliseconds off, of each take: it has the next so many songs, and an offset of its own."""
    first = 0
    for count in counts:
        found = [error for number, error in off if first <= number < first + count]
        yield [abs(error) for error in from_median(found)]
        first += count


def errors(
    stamps: Stamps, heard: Sequence[Heard], runs: Sequence[Song]
) -> Iterator[tuple[int, float]]:
    """Of every note that had a tick: the number of its song, and milliseconds from where the clock
    has it. All that a song sends is heard, in order."""
    channels = (0x80 | ANSWERS, 0x80 | CLICKS)
    sent = [s for s in stamps.sent if s.data[0] & 0xEF in channels]
    notes = [h for h in heard if h.data[0] & 0xEF in channels]
    for stamp, note in zip(sent, notes, strict=False):
        begun = [song.frames[0] <= note.frame + PERIOD for song in runs if song.frames]
        number = sum(begun) - 1
        if stamp.tick is None or number < 0:
            continue
        off = (note.frame - runs[number].frame_at(stamp.tick)) / RATE * 1e3
        if not math.isnan(off):
            yield number, off


def drift(seconds: float, bpm: float = 123.4) -> float:
    """Milliseconds between how far the follower is off in the first and the last minute (or tenth)
    of a clock that arrives up to 1 ms late, in steps of a period."""
    chance, follower = random.Random(0), Follower(120)
    gap, period = 60 / bpm / 24, PERIOD / RATE
    off: list[float] = []
    follower.start(0.999)
    count = max(round(seconds / gap), 24 * 40)
    for clock in range(count):
        true = 1 + clock * gap
        arrived = -(-(true + chance.uniform(0, 1e-3)) // period) * period
        follower.clock(arrived)
        off.append((follower.map.tick_at(true) - clock * TICKS_PER_CLOCK) / follower.map.rate * 1e3)
    some, settled = min(round(60 / gap), count // 10), 24 * 4
    return float(np.mean(off[-some:]) - np.mean(off[settled : settled + some]))


def _notes(phases: dict[str, list[float]], share: float) -> list[str]:
    counts = ", ".join(f"{len(phase)} ({name})" for name, phase in phases.items())
    return [
        f"Notes and clicks: {counts}. Each goes out in the next period, and every clock comes in "
        f"with one: {PERIOD / RATE * 1e3:.2f} ms of the mark.",
        f"The hour ({share:g} of it here) is in process: the follower hears {123.4} quarter notes "
        "a minute, up to 1 ms late, in steps of a period.",
    ]
