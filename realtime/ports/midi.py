"""MIDI ports: inputs and an output, opened by name or made.

The input's callback runs inside the driver's thread and waits there for the interpreter, so it does
nothing but stamp and hand over.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from presets.errors import GlissarError
from realtime.ports.jack import Graph
from realtime.ports.systems import (
    OWN,
    Api,
    Client,
    RtMidiError,
    candidates,
    open_clients,
    open_input,
    quiet,
)
from realtime.settings import MidiSettings

CLIENT_IN, CLIENT_OUT = f"{OWN}-in", f"{OWN}-out"

Arrived = Callable[[float, bytes], None]


class PortLost(Exception):
    """A port that was open is gone; its text is a sentence."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Open inputs and an output, by the names that others see."""

    api: Api
    inputs: tuple[str, ...]
    output: str
    _ins: tuple[Client, ...]
    _out: Client
    _graph: Graph | None

    @property
    def input(self) -> str:
        """The first one."""
        return self.inputs[0]

    def send(self, message: bytes) -> None:
        """Send one whole message. Raises PortLost."""
        try:
            self._out.send_message(message)
        except RtMidiError as error:
            raise PortLost(f"The MIDI output {self.output} is gone.") from error

    def lost(self) -> str:
        """What is gone, in a sentence; empty while everything is there. Ask about once a second."""
        if self._graph and not self._graph.alive:
            return f"The {self.api.title} server is gone."
        there = [*self._out.get_ports(), *self._ins[0].get_ports()]
        for name in self.inputs:
            if name not in there:
                return f"The MIDI input {name} is gone."
        if self.output not in there:
            return f"The MIDI output {self.output} is gone."
        return ""

    def connections(self) -> list[tuple[str, str]]:
        """(source, destination) of every connection of the two ports, where JACK tells."""
        if self._graph is None:
            return []
        graph, output = self._graph, self.output
        sources = [(s, name) for name in self.inputs for s in graph.connections(name)]
        return sources + [(output, s) for s in graph.connections(output)]

    def connect(self, connections: Iterable[tuple[str, str]]) -> None:
        """Restore connections, as far as their other ends are there."""
        if self._graph:
            with quiet():
                for source, destination in connections:
                    self._graph.connect(source, destination)

    def close(self) -> None:
        """May wait for the driver: rtmidi gives a dead JACK server a second."""
        with quiet():
            for client in (*self._ins, self._out):
                client.close_port()
                client.delete()
            if self._graph:
                self._graph.close()


def open_ports(settings: MidiSettings, arrived: Arrived) -> Ports:
    """Open the input and the output by the first API that has them.

    `arrived` is called in the driver's thread with (monotonic time, message). Raises GlissarError.
    """
    failures: list[str] = []
    for api in candidates(settings.api):
        try:
            return _open(api, settings, arrived)
        except GlissarError as error:
            failures.append(str(error))
    raise GlissarError(f"No MIDI: {' '.join(failures)}")


def pick(wanted: str, there: list[str], what: str) -> int:
    """The place in `there` of the port called `wanted`, or the only one whose name has it inside.

    Ports of our own are never taken. Raises GlissarError.
    """
    others = [name for name in there if not name.startswith(OWN)]
    if wanted in others:
        return there.index(wanted)
    found = [name for name in others if wanted.lower() in name.lower()]
    if len(found) == 1:
        return there.index(found[0])
    known = ", ".join(found or others) or "none"
    many = "several MIDI" if found else "no MIDI"
    raise GlissarError(
        f"There is {many} {what} called {wanted!r}; name one of these exactly: {known}."
        if others
        else f"There is no MIDI {what} at all, so none called {wanted!r}; see `glissar ports`."
    )


class OneClock:
    """Several inputs as one. Two clocks at a time would be no tempo: the first to speak is heard,
    until it has been silent for a while."""

    SILENT = 2.0  # s

    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived
        self._master, self._last = 0, -math.inf

    def hear(self, place: int, stamp: float, data: bytes) -> None:
        """A message of the input at `place`."""
        if data and data[0] >= 0xF0:
            if place != self._master and stamp - self._last < self.SILENT:
                return
            self._master, self._last = place, stamp
        self._arrived(stamp, data)


def _open(api: Api, settings: MidiSettings, arrived: Arrived) -> Ports:
    graph = _watch(api)
    source, sink = open_clients(api, CLIENT_IN, CLIENT_OUT)
    more = [open_input(api, f"{CLIENT_IN}-{n}") for n, _ in enumerate(settings.more_inputs, 2)]
    try:
        with quiet():
            inputs = [_open_one(source, settings.input, "input", "in", sink)]
            for client, wanted in zip(more, settings.more_inputs, strict=True):
                inputs.append(_open_one(client, wanted, "input", "in", sink))
            output_name = _open_one(sink, settings.output, "output", "out", source)
    except RtMidiError as error:
        raise GlissarError(f"{api.title} could not open its ports ({error}).") from error
    clock = OneClock(arrived)
    for place, client in enumerate((source, *more)):
        _listen(client, partial(clock.hear, place))
    return Ports(api, tuple(inputs), output_name, (source, *more), sink, graph)


def _listen(source: Client, hear: Arrived) -> None:
    source.ignore_types(sysex=True, timing=False, active_sense=True)

    def callback(event: tuple[list[int], float], _: Any) -> None:
        hear(time.monotonic(), bytes(event[0]))

    source.set_callback(callback)


def _open_one(client: Client, wanted: str, what: str, short: str, other: Client) -> str:
    """Open a named port, or a virtual one; the name under which it is listed."""
    if wanted:
        there = client.get_ports()
        place = pick(wanted, there, what)
        client.open_port(place, short)
        return there[place]
    return open_virtual(client, short, f"{OWN}-{short}", what, other)


def open_virtual(client: Client, short: str, alone: str, what: str, other: Client) -> str:
    """Open a virtual port `short`, named `alone` where no client's name goes before it; the name
    under which `other`, a client of the other direction, sees it. Raises GlissarError."""
    if sys.platform == "win32":
        raise GlissarError(
            f"Windows has no virtual MIDI ports: install loopMIDI and name one of its ports as the "
            f"{what}."
        )
    before = other.get_ports()
    # JACK and ALSA show "client:port"; CoreMIDI shows the port's name alone.
    client.open_virtual_port(short if sys.platform != "darwin" else alone)
    new = [name for name in other.get_ports() if name not in before]
    if not new:
        raise GlissarError(f"The virtual MIDI {what} does not show up in the list of ports.")
    return new[0]


def _watch(api: Api) -> Graph | None:
    """Watch JACK's server, and let it forget a player that was killed: the names shall be ours."""
    if api.name != "jack" or not api.compiled:
        return None
    with quiet():
        try:
            graph = Graph()
        except GlissarError:
            return None  # rtmidi says it better in a moment
    patience = time.monotonic() + 1.0
    while time.monotonic() < patience and graph.has(f"{CLIENT_IN}:in", f"{CLIENT_OUT}:out"):
        time.sleep(0.02)
    return graph
