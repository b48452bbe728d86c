"""MIDI ports: inputs and an output, opened by name or made, and taken up again when they come back.

The input's callback runs inside the driver's thread and waits there for the interpreter, so it does
nothing but stamp and hand over.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from presets.errors import GlissarError
from realtime.claims import CONTROLLER, RINGS
from realtime.output import OUTPUT
from realtime.ports.cords import Cord, Cords
from realtime.ports.jack import Graph
from realtime.ports.plug import SETTLE, Plug, PortLost
from realtime.ports.systems import (
    OWN,
    Api,
    RtMidiError,
    candidates,
    open_clients,
    open_input,
    open_output,
    quiet,
)
from realtime.settings import ControllerSettings, MidiSettings

CLIENT_IN, CLIENT_OUT = f"{OWN}-in", f"{OWN}-out"
CLIENT_KNOBS = f"{OWN}-controller"
NO_CONTROLLER = ControllerSettings()

Arrived = Callable[[float, bytes, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """The port at `place` was lost, or is there again; so may be one of several that are connected
    to it, which is worth no sentence."""

    place: int
    there: bool
    sentence: str = ""


class Ports:
    """Inputs and an output, and a controller's. One thread sends, another looks."""

    def __init__(
        self,
        api: Api,
        graph: Graph | None,
        ins: Sequence[Plug],
        out: Plug,
        controller: Mapping[int, Plug],
    ) -> None:
        """`controller` has its plugs by their places, `CONTROLLER` and `RINGS`, as far as there
        are."""
        self.api = api
        self.unsent = 0  # messages that the output did not take: it is gone, or is about to be
        self._graph = graph
        self._ins, self._out, self._controller = ins, out, controller
        virtual = [plug.name for plug in ins if not plug.wanted]
        outputs = [] if out.wanted else [out.name]
        self._cords = Cords(graph, virtual, outputs) if graph else None

    @property
    def input(self) -> str:
        """The first one, by the name that others see."""
        return self._ins[0].name

    @property
    def output(self) -> str:
        return self._out.name

    @property
    def looped(self) -> bool:
        """Whether our own output is known to be connected to an input of ours."""
        return any((self.output, plug.name) in self.connections() for plug in self._ins)

    def missing(self) -> list[Change]:
        """The ports that could not be opened yet."""
        return [self._change(p, plug, False) for p, plug in self._plugs() if not plug.there]

    def send(self, message: bytes) -> None:
        """Send one whole message, or count one that cannot be sent."""
        self._send(self._out, message)

    def show(self, message: bytes) -> None:
        """The same, to the controller; while it is away it is told nothing."""
        rings = self._controller.get(RINGS)
        if rings and rings.there:
            self._send(rings, message)

    def _send(self, plug: Plug, message: bytes) -> None:
        try:
            plug.client.send_message(message)
        except RtMidiError:
            self.unsent += 1

    def look(self) -> list[Change]:
        """What was lost or has come back since the last look. Ask some times a second.

        Raises PortLost where all is lost, or what came back can be opened by a new process alone.
        """
        if self._graph and not self._graph.alive:
            raise PortLost(f"The {self.api.title} server is gone.")
        sources, sinks = self._ins[0].client.get_ports(), self._out.client.get_ports()
        changes: list[Change] = []
        for place, plug in self._plugs():
            outside = (plug.what == "input") is bool(plug.wanted)
            there = plug.look(sources if outside else sinks, self._carries(plug))
            if there is not None:
                changes.append(self._change(place, plug, there))
        if self._cords:
            places = {plug.name: place for place, plug in self._plugs()}
            changes += [Change(places[name], there) for name, there in self._cords.look()]
        if any(change.there for change in changes):
            time.sleep(SETTLE)
        return changes

    def connections(self) -> list[Cord]:
        """(source, destination) of all that is connected to virtual ports, where JACK tells; those
        too that were, and whose other end is away."""
        return self._cords.known if self._cords else []

    def connect(self, connections: Iterable[Cord]) -> None:
        """Restore connections, each as soon as its other end is there."""
        if self._cords:
            self._cords.restore(connections)
            time.sleep(SETTLE)

    def close(self) -> None:
        """May wait for the driver: rtmidi gives a dead JACK server a second."""
        with quiet():
            for _, plug in self._plugs():
                plug.client.close_port()
                plug.client.delete()
            if self._graph:
                self._graph.close()

    def _plugs(self) -> list[tuple[int, Plug]]:
        return [*enumerate(self._ins), (OUTPUT, self._out), *self._controller.items()]

    def _carries(self, plug: Plug) -> bool:
        """Whether one that is opened by name is connected, as far as anybody can tell: what went
        and came between two looks is not."""
        if not (self._graph and plug.wanted and plug.there):
            return True
        return any(name.startswith(OWN) for name in self._graph.connections(plug.name))

    def _change(self, place: int, plug: Plug, there: bool) -> Change:
        what = f"controller's {plug.what}" if place in self._controller else plug.what
        name = f"The MIDI {what} {plug.name or plug.wanted}"
        if there:
            return Change(place, there, f"{name} is back.")
        return Change(place, there, f"{name} is gone. It is taken up when it comes back.")


def open_ports(
    settings: MidiSettings,
    arrived: Arrived,
    again: bool = False,
    controller: ControllerSettings = NO_CONTROLLER,
) -> Ports:
    """Open the inputs and the output, and a controller's, by the first API that has them.

    `arrived` is called in the driver's thread with (monotonic time, message, which input). `again`:
    a named port that is not there now may come later. Raises GlissarError.
    """
    failures: list[str] = []
    for api in candidates(settings.api):
        try:
            return _open(api, settings, controller, arrived, again)
        except GlissarError as error:
            failures.append(str(error))
    raise GlissarError(f"No MIDI: {' '.join(failures)}")


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
        self._arrived(stamp, data, place)


def _open(
    api: Api, settings: MidiSettings, knobs: ControllerSettings, arrived: Arrived, again: bool
) -> Ports:
    graph = _watch(api)
    source, sink = open_clients(api, CLIENT_IN, CLIENT_OUT)
    more = [open_input(api, f"{CLIENT_IN}-{n}") for n, _ in enumerate(settings.more_inputs, 2)]
    wanted = zip((source, *more), (settings.input, *settings.more_inputs), strict=True)
    clock = OneClock(arrived)
    ins = [Plug(c, "input", w, partial(clock.hear, n)) for n, (c, w) in enumerate(wanted)]
    out = Plug(sink, "output", settings.output)
    controller = _controller(api, knobs, arrived)
    for plug in (*ins, out, *controller.values()):
        heard = plug.what == "input"
        try:
            with quiet():
                taken = [each.name for each in ins if each.name and heard]
                plug.open(sink if heard else source, taken)
        except RtMidiError as error:
            raise GlissarError(f"{api.title} could not open its ports ({error}).") from error
        except GlissarError:
            if not (again and plug.wanted):
                raise
    return Ports(api, graph, ins, out, controller)


def _controller(api: Api, settings: ControllerSettings, arrived: Arrived) -> dict[int, Plug]:
    """Its plugs, as far as they are named, by their places. Its clock is nobody's."""

    def heard(stamp: float, data: bytes) -> None:
        if data and data[0] < 0xF0:
            arrived(stamp, data, CONTROLLER)

    plugs: dict[int, Plug] = {}
    if settings.input:
        plugs[CONTROLLER] = Plug(open_input(api, CLIENT_KNOBS), "input", settings.input, heard)
    if settings.output:
        client = open_output(api, f"{CLIENT_KNOBS}-out")
        plugs[RINGS] = Plug(client, "output", settings.output)
    return plugs


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
