"""Two JACK clients that play scores exact to the frame, and write down what they hear.

    python -m realtime.stage.peer NAME OUTPUT…

The one has the outputs, `NAME:OUTPUT`; the other the input, `NAME-ear:input`: were they one, what
it plays and hears itself would be a period late. On stdin come `Score`s, `Connect`s and `Plug`s;
on stdout, in lines, go `FRAME begins OUTPUT`, `FRAME joins SOURCE SINK`, `FRAME plugs PORT` or
`FRAME unplugs PORT`, and `FRAME heard HEX TIME` for every message, TIME in seconds of the monotonic
clock: a server that is late by a period loses its frames. They leave, cleanly, at the end of
stdin: a client that is killed can hold up a server for good.

Needs JACK-Client (`pip install .[stage]`) and JACK's own library.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

WAITING = 65_536  # lines
HARMLESS = 0.02  # s in which a callback under way is done with a port


class Connect(msgspec.Struct, frozen=True, tag=True):
    """A connection to be made, once both ports are there."""

    source: str
    sink: str


class Plug(msgspec.Struct, frozen=True, tag=True):
    """A port of ours, "keys" or "input", that is to go or to come back, as a device's does."""

    port: str
    there: bool


class Score(msgspec.Struct, frozen=True, tag=True):
    """What an output is to play: (frames from the beginning, bytes), one loop after another.

    A score takes the place of what its output had left to play. `at` is the frame of its beginning,
    or as soon as possible.
    """

    output: str
    events: tuple[tuple[int, bytes], ...] = ()
    loop: int = 0  # frames; 0 plays once
    at: int = 0


class Playing:
    """A score under way, as a queue of (frame, bytes)."""

    def __init__(self, score: Score, start: int) -> None:
        self._events = sorted(score.events, key=lambda event: event[0])
        self._loop, self._start, self._next = score.loop, start, 0

    def due(self, end: int) -> list[tuple[int, bytes]]:
        """What is to be sent before the frame `end`."""
        said: list[tuple[int, bytes]] = []
        while self._next < len(self._events):
            frame, data = self._events[self._next]
            if self._start + frame >= end:
                break
            said.append((self._start + frame, data))
            self._next += 1
            if self._next == len(self._events) and self._loop:
                self._start, self._next = self._start + self._loop, 0
        return said


class Hand:
    """The outputs of a client of JACK-Client."""

    def __init__(self, client: Any, outputs: list[str], say: Callable[[str], None]) -> None:
        self.client, self.say = client, say
        self.outputs = {name: client.midi_outports.register(name) for name in outputs}
        self.playing: dict[str, Playing] = {}
        self.scores: deque[Score] = deque()
        client.set_process_callback(self._process)

    def plug(self, order: Plug) -> None:
        """An output that is away forgets its score."""
        others = {name: port for name, port in self.outputs.items() if name != order.port}
        if order.there:
            self.playing.pop(order.port, None)
            self.outputs = {**others, order.port: self.client.midi_outports.register(order.port)}
        else:
            port, self.outputs = self.outputs[order.port], others
            time.sleep(HARMLESS)
            port.unregister()

    def _process(self, frames: int) -> None:
        begin = self.client.last_frame_time
        while self.scores:
            score = self.scores.popleft()
            start = max(begin, score.at)
            self.playing[score.output] = Playing(score, start)
            self.say(f"{start} begins {score.output}")
        for name, port in self.outputs.items():
            port.clear_buffer()
            if name in self.playing:
                for frame, data in self.playing[name].due(begin + frames):
                    port.write_midi_event(max(frame - begin, 0), data)


class Ear:
    """The input of a client of JACK-Client."""

    def __init__(self, client: Any, say: Callable[[str], None]) -> None:
        self.client, self.say = client, say
        self.input: Any = client.midi_inports.register("input")
        client.set_process_callback(self._process)

    def plug(self, order: Plug) -> None:
        if order.there:
            self.input = self.client.midi_inports.register("input")
        else:
            port, self.input = self.input, None
            time.sleep(HARMLESS)
            port.unregister()

    def _process(self, _: int) -> None:
        begin, now = self.client.last_frame_time, time.monotonic()
        port = self.input
        for offset, data in port.incoming_midi_events() if port else ():
            self.say(f"{begin + offset} heard {bytes(data).hex()} {now:.6f}")


class Scribe:
    """Writes lines to stdout, and keeps those who say them waiting for nothing."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=WAITING)
        self._more = threading.Event()
        threading.Thread(target=self._write, daemon=True).start()

    def say(self, line: str) -> None:
        self._lines.append(f"{line}\n")
        self._more.set()

    def _write(self) -> None:
        while self._more.wait():
            self._more.clear()
            while self._lines:
                sys.stdout.write(self._lines.popleft())
            sys.stdout.flush()


def join(client: Any, source: str, sink: str) -> None:
    """Connect two ports, whenever they come."""
    while not {source, sink} <= {port.name for port in client.get_ports()}:
        time.sleep(0.02)
    client.connect(source, sink)


def main() -> None:
    import jack  # pyright: ignore[reportMissingTypeStubs]

    name, *outputs = sys.argv[1:]
    scribe = Scribe()
    clients: Any = [
        jack.Client(each, use_exact_name=True, no_start_server=True)
        for each in (name, f"{name}-ear")
    ]
    hand, ear = Hand(clients[0], outputs, scribe.say), Ear(clients[1], scribe.say)
    with clients[0], clients[1]:
        for line in sys.stdin.buffer:
            order = msgspec.json.decode(line, type=Score | Connect | Plug)
            if isinstance(order, Score):
                hand.scores.append(order)
            elif isinstance(order, Plug):
                (ear if order.port == "input" else hand).plug(order)
                does = "plugs" if order.there else "unplugs"
                scribe.say(f"{clients[0].frame_time} {does} {order.port}")
            else:
                join(clients[0], order.source, order.sink)
                scribe.say(f"{clients[0].frame_time} joins {order.source} {order.sink}")


if __name__ == "__main__":
    main()
