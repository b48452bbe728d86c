"""The player process: ports, thru, transport and schedule, under the supervisor.

    python -m realtime.player

One thread owns all of it and sleeps until the next deadline or the next thing said. The others only
hand over: the MIDI driver's callback, the reader of stdin, and a watch over the ports. It imports
neither numpy nor onnxruntime, and nothing the engine does can hold it up.
"""

from __future__ import annotations

import gc
import math
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from types import FrameType
from typing import BinaryIO

import msgspec

from presets.errors import GlissarError
from realtime.events import ToPlayer, Trouble
from realtime.household import LOST, REFUSED, Alive, Begin, Keep, Opened, Pulse
from realtime.inbox import Inbox
from realtime.ledger import Ledger
from realtime.linked import Beat, LeaveSession
from realtime.naps import Naps
from realtime.output import Output
from realtime.performance import Kept, Performance
from realtime.ports.link import LinkPort
from realtime.ports.midi import Change, Ports, open_ports
from realtime.ports.plug import PortLost, within
from realtime.priority import Granted, prefer
from realtime.settings import Settings
from realtime.wire import SUPERVISOR, Outbox, WireError, messages, pipes

WATCH = 0.25  # s between two looks at the ports: .1 ms each
FLUSH = 0.05  # s in which the driver's last period goes out
CLOSE = 0.3  # s for the driver to let go of the ports


class State(msgspec.Struct, frozen=True):
    """What the next player is handed: the song, and who was connected to the ports."""

    kept: Kept | None = None
    connections: tuple[tuple[str, str], ...] = ()
    api: str = ""  # no other MIDI system is taken because this one's server is gone


@dataclass(frozen=True, slots=True)
class Arrival:
    stamp: float
    data: bytes
    place: int  # of the input


@dataclass(frozen=True, slots=True)
class Connected:
    connections: tuple[tuple[str, str], ...]
    looped: bool


@dataclass(frozen=True, slots=True)
class Slept:
    """The whole machine did."""


@dataclass(frozen=True, slots=True)
class Leave:
    code: int = 0
    sentence: str = ""


Item = Arrival | Beat | Connected | Change | Slept | Pulse | Leave | ToPlayer


class Player:
    """The process, once its ports are open."""

    def __init__(
        self, begin: Begin, state: State, ports: Ports, inbox: Inbox[Item], outbox: Outbox
    ) -> None:
        self.ports = ports
        self.inbox = inbox
        self.outbox = outbox
        self.state = state
        self.output = Output(self._send, Ledger(begin.ledger))
        self._sent = 0.0  # when the driver took the last message
        self.link = LinkPort(inbox.put, outbox.send)
        self.performance = Performance(
            *(begin.settings, begin.meter, self.output, outbox.send, self._keep),
            link=self.link.say,
            show=ports.show,
        )
        self._counts = self.performance.counters.counts
        self.performance.counters.sources.append(self._waiting)

    def run(self, granted: Granted) -> int:
        """Play until told to leave; the exit code. Whatever happens, the notes are closed."""
        self._counts.update(real_time=granted.real_time, locked=granted.locked)
        now = time.monotonic()
        try:
            self._take_up(now)
            return self._play()
        finally:
            self.link.say(LeaveSession())
            self.performance.close(time.monotonic())

    def _take_up(self, now: float) -> None:
        """Go on for a player that died: first its notes, then its song."""
        for change in self.ports.missing():
            self._handle(change, now)
        self.performance.close(now)
        if self.state.kept:
            self.performance.resume(self.state.kept, now)

    def _play(self) -> int:
        while True:
            deadline = self.performance.deadline()
            item = self.inbox.take(None if math.isinf(deadline) else deadline)
            if isinstance(item, Leave):
                return self._lost(item.sentence) if item.code == LOST else item.code
            now = time.monotonic()
            self.performance.catch_up(now)
            self._handle(item, now)
            self.performance.act(now)

    def _handle(
        self,
        item: Arrival | Beat | Connected | Change | Slept | Pulse | ToPlayer | None,
        now: float,
    ) -> None:
        match item:
            case None:
                pass
            case Arrival():
                self._arrive(item, now)
            case Beat():
                self.performance.hear(item, now)
            case Pulse():
                self.outbox.send(Alive(), SUPERVISOR)
            case Connected(connections, looped):
                self.performance.looped = looped
                self._save(msgspec.structs.replace(self.state, connections=connections))
            case Change():
                self._replug(item, now)
            case Slept():
                self.performance.slept(now)
            case _:
                self.performance.said(item, now)

    def _arrive(self, arrival: Arrival, now: float) -> None:
        counters = self.performance.counters
        passed = counters.counts["thru"]
        self.performance.arrive(arrival.stamp, arrival.data, now, arrival.place)
        if counters.counts["thru"] > passed:
            counters.passed(self._sent - arrival.stamp)

    def _send(self, message: bytes) -> None:
        self.ports.send(message)
        self._sent = time.monotonic()

    def _waiting(self) -> dict[str, float]:
        return {
            "dropped": self.inbox.dropped + self.outbox.dropped,
            "queue_player": self.inbox.deepest(),
            "outbox_player": self.outbox.deepest(),
            "unsent": self.ports.unsent,
        }

    def _replug(self, change: Change, now: float) -> None:
        if change.there:
            self.performance.plugged(change.place, now)
        else:
            self.performance.unplugged(change.place, now)
        if change.sentence:  # of each code, listeners get one a second
            code = "midi_back" if change.there else "midi"
            self.outbox.send(Trouble(code, change.sentence))

    def _keep(self, kept: Kept) -> None:
        self._save(msgspec.structs.replace(self.state, kept=kept))

    def _save(self, state: State) -> None:
        self.state = state
        self.outbox.send(Keep(msgspec.msgpack.encode(state)), SUPERVISOR)

    def _lost(self, sentence: str) -> int:
        self.outbox.send(Trouble("midi", f"{sentence} It is taken up when it comes back."))
        return LOST


def listen(stream: BinaryIO, inbox: Inbox[Item]) -> None:
    """Hand over what the engine says, and leave when the supervisor is gone."""
    try:
        for message in messages(stream, ToPlayer | Pulse):
            (inbox.insist if isinstance(message, Pulse) else inbox.put)(message)
    except WireError as error:
        inbox.insist(Leave(1, str(error)))
    inbox.insist(Leave())


def watch(ports: Ports, inbox: Inbox[Item], over: threading.Event) -> None:
    """Look whether the ports are there, who is connected, and whether the machine has slept."""
    known: Connected | None = None
    naps = Naps()
    while not over.wait(WATCH):
        if naps.over():
            inbox.insist(Slept())
        try:
            changes = ports.look()
        except PortLost as error:
            inbox.insist(Leave(LOST, str(error)))
            return
        for change in changes:
            inbox.insist(change)
        connected = Connected(tuple(ports.connections()), ports.looped)
        if connected != known:
            known = connected
            inbox.put(connected)


def await_ports(
    settings: Settings, again: bool, inbox: Inbox[Item], outbox: Outbox
) -> Ports | Leave:
    """Open the ports. Where a player has been up before, wait until there is a MIDI system, or
    until told to leave, and say that this is no hanging. Raises GlissarError."""

    def arrived(stamp: float, data: bytes, place: int) -> None:
        inbox.put(Arrival(stamp, data, place))

    while True:
        try:
            return open_ports(settings.midi, arrived, again, settings.controller)
        except GlissarError:
            if not again:
                raise
        outbox.send(Alive(), SUPERVISOR)
        gc.collect()
        patience = time.monotonic() + WATCH
        while (item := inbox.take(patience)) is not None:
            if isinstance(item, Leave):
                return item


def play(begin: Begin, granted: Granted, reader: BinaryIO, writer: BinaryIO) -> int:
    """Open the ports and play until told to leave; the exit code. Raises GlissarError."""
    state = msgspec.msgpack.decode(begin.state, type=State) if begin.state else State()
    midi = begin.settings.midi
    inbox: Inbox[Item] = Inbox()
    leave_on_sigterm(inbox)
    threading.Thread(target=listen, args=(reader, inbox), daemon=True).start()
    outbox, over = Outbox(writer), threading.Event()
    midi = msgspec.structs.replace(midi, api=state.api or midi.api)
    settings = msgspec.structs.replace(begin.settings, midi=midi)
    ports = await_ports(settings, begin.again, inbox, outbox)
    if isinstance(ports, Leave):
        return ports.code
    state = msgspec.structs.replace(state, api=ports.api.name)
    ports.connect(state.connections)
    outbox.send(Opened(ports.api.title, ports.input, ports.output), SUPERVISOR)
    threading.Thread(target=watch, args=(ports, inbox, over), daemon=True).start()
    code = Player(begin, state, ports, inbox, outbox).run(granted)
    over.set()
    time.sleep(FLUSH)
    outbox.close()
    within(CLOSE, ports.close)
    return code


def leave_on_sigterm(inbox: Inbox[Item]) -> None:
    def leave(_signal: int, _frame: FrameType | None) -> None:
        inbox.insist(Leave())

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides
    signal.signal(signal.SIGTERM, leave)


def main() -> int:
    reader, writer = pipes()
    begin = next(messages(reader, Begin), None)
    if begin is None:
        return 0
    threading.stack_size(1 << 19)  # where memory is locked, every stack is, whole
    granted = prefer()
    sys.setswitchinterval(0.0005)  # a thread that computes gives way to the one that plays
    gc.freeze()
    gc.disable()  # what is made while playing has no cycles
    try:
        return play(begin, granted, reader, writer)
    except GlissarError as error:
        sys.stderr.write(f"glissar: {error}\n")
        return REFUSED


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # no driver's thread, and no reader still waiting, may hold the exit up
