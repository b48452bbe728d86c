"""What a measurement has of `realtime.stage.peer`: what it is to play, and all that it heard."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from realtime.stage.peer import Connect, Plug, Score
from realtime.stage.waiting import wait_until

RATE, PERIOD = 48000, 128  # of the server, frames


@dataclass(frozen=True)
class Heard:
    """One message as the peer heard it, exact to the frame; `time` is when the frame's period was
    heard, in monotonic seconds."""

    frame: int
    data: bytes
    time: float = 0.0

    @property
    def seconds(self) -> float:
        return self.frame / RATE


@dataclass
class Peer:
    """`realtime.stage.peer`: plays notes and a clock, and hears what is connected to `port`."""

    process: subprocess.Popen[bytes]
    path: Path
    forgotten: int = 0
    port: str = "peer-ear:input"
    keys: str = "peer:keys"
    clock: str = "peer:clock"

    def heard(self) -> list[Heard]:
        lines = [line.split() for line in self.path.read_text().splitlines()]
        heard = [
            Heard(int(frame), bytes.fromhex(data), float(when))
            for frame, what, data, when in (line for line in lines if len(line) == 4)
            if what == "heard"
        ]
        return heard[self.forgotten :]

    def forget(self) -> None:
        """Hear from here on."""
        self.forgotten += len(self.heard())

    def notes(self, channel: int) -> list[Heard]:
        """Note-ons and note-offs on the channel (0 to 15)."""
        return [h for h in self.heard() if h.data[0] & 0xE0 == 0x80 and h.data[0] & 15 == channel]

    def sounding(self, channel: int) -> set[int]:
        """The keys that were struck and not let go."""
        now: set[int] = set()
        for note in self.notes(channel):
            (now.add if note.data[0] & 0xF0 == 0x90 else now.discard)(note.data[1])
        return now

    def count(self, status: int) -> int:
        """How many messages of this status byte have come."""
        return sum(h.data[0] == status for h in self.heard())

    def wait_for(self, status: int, count: int = 1) -> None:
        self.wait(lambda: self.count(status) >= count, f"{count} of {status:#x} did not come")

    def wait_for_notes(self, channel: int, count: int) -> None:
        """Until so many note-ons and note-offs have come."""
        self.wait(
            lambda: len(self.notes(channel)) >= count,
            f"{count} notes on channel {channel} did not come",
        )

    def wait_for_silence(self, channel: int) -> None:
        self.wait(lambda: not self.sounding(channel), f"a note hangs on channel {channel}")

    def wait(self, happened: Callable[[], object], failure: str) -> None:
        log = self.path.with_name("jackd.log")
        wait_until(happened, failure, lambda: f"it heard {self.heard()[-200:]}", log)

    def connect(self, source: str, sink: str) -> None:
        """Connect two ports. `jack_connect` would do it too, as a client that comes and goes."""
        self._say(Connect(source, sink))
        line = f"joins {source} {sink}\n"
        self.wait(lambda: line in self.path.read_text(), f"{source} is not connected to {sink}")

    def plug(self, port: str, there: bool) -> int:
        """Take away or bring back "keys", "clock" or "input"; the frame by which that is done."""
        return self._done(Plug(port, there), f"{'plugs' if there else 'unplugs'} {port}")

    def begin(self, score: Score) -> int:
        """Play a score; the frame of its beginning, once it has begun."""
        return self._done(score, f"begins {score.output}")

    def _done(self, order: Score | Plug, words: str) -> int:
        """The frame that the peer says with these words when it has done so."""
        line = re.compile(rf"^(\d+) {words}$", re.MULTILINE)
        count = len(line.findall(self.path.read_text()))
        self._say(order)
        self.wait(lambda: len(line.findall(self.path.read_text())) > count, f"it never {words}")
        return int(line.findall(self.path.read_text())[-1])

    def play(self, score: Score) -> None:
        self._say(score)

    def _say(self, order: Score | Connect | Plug) -> None:
        stdin(self.process).write(msgspec.json.encode(order) + b"\n")
        stdin(self.process).flush()

    def strike(self, loop: int, *notes: tuple[int, int, int]) -> None:
        """Play notes (frame, pitch, frames), the whole of `loop` frames again and again."""
        ons = [(frame, bytes((0x90, pitch, 64))) for frame, pitch, _ in notes]
        offs = [(frame + length, bytes((0x80, pitch, 64))) for frame, pitch, length in notes]
        self.play(Score("keys", (*offs, *ons), loop))

    def start(self, bpm: float, beats: int = 400) -> None:
        """A start, and clocks from 1 ms later on, as MIDI 1.0 asks."""
        self.play(Score("clock", ((0, b"\xfa"), *clocks(bpm, beats, RATE // 1000))))

    def stop(self) -> None:
        self.play(Score("clock", ((0, b"\xfc"),)))


def clocks(bpm: float, beats: int, first: int = 0) -> list[tuple[int, bytes]]:
    """24 to a beat, from the frame `first` on."""
    return [(first + round(n * 2.5 * RATE / bpm), b"\xf8") for n in range(24 * beats)]


def stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin
    return process.stdin
