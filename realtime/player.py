"""The player process: ports, thru, transport and schedule, under the supervisor.

    python -m realtime.player

One thread owns all of it and sleeps until the next deadline or the next thing said. The others only
hand over: the MIDI driver's callback, the reader of stdin, and a watch over the ports. It imports
neither numpy nor onnxruntime, and nothing the engine does can hold it up.
"""

from __future__ import annotations

import contextlib
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
from realtime.household import LOST, REFUSED, Begin, Keep, Opened
from realtime.inbox import Inbox
from realtime.ledger import Ledger
from realtime.linked import Beat, LeaveSession
from realtime.output import Output
from realtime.performance import Kept, Performance
from realtime.ports.link import LinkPort
from realtime.ports.midi import PortLost, Ports, open_ports
from realtime.wire import SUPERVISOR, Outbox, WireError, messages, pipes

FIFO_PRIORITY = 5  # above every ordinary process, below the sound server
WATCH = 1.0  # s between two looks at the ports
FLUSH = 0.05  # s in which the driver's last period goes out


class State(msgspec.Struct, frozen=True):
    """What the next player is handed: the song, and who was connected to the ports."""

    kept: Kept | None = None
    connections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    stamp: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Connected:
    connections: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Leave:
    code: int = 0
    sentence: str = ""


Item = Arrival | Beat | Connected | Leave | ToPlayer


class Player:
    """The process, once its ports are open."""

    def __init__(self, begin: Begin, ports: Ports, inbox: Inbox[Item], outbox: Outbox) -> None:
        self.ports = ports
        self.inbox = inbox
        self.outbox = outbox
        self.state = msgspec.msgpack.decode(begin.state, type=State) if begin.state else State()
        self.output = Output(self._send, Ledger(begin.ledger))
        self._sent = 0.0  # when the driver took the last message
        self.link = LinkPort(inbox.put, outbox.send)
        self.performance = Performance(
            begin.settings, begin.meter, self.output, outbox.send, self._keep, self.link.say
        )
        self.performance.counters.sources.append(self._waiting)

    def run(self) -> int:
        """Play until told to leave; the exit code. Whatever happens, the notes are closed."""
        now = time.monotonic()
        try:
            self._take_up(now)
            return self._play()
        except PortLost as error:
            return self._lost(str(error))
        finally:
            self.link.say(LeaveSession())
            with contextlib.suppress(PortLost):
                self.performance.close(time.monotonic())

    def _take_up(self, now: float) -> None:
        """Go on for a player that died: its connections first, then its notes, then its song."""
        self.ports.connect(self.state.connections)
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
            self._handle(item, now)
            self.performance.act(now)

    def _handle(self, item: Arrival | Beat | Connected | ToPlayer | None, now: float) -> None:
        match item:
            case None:
                pass
            case Arrival(stamp, data):
                self._arrive(stamp, data, now)
            case Beat():
                self.performance.hear(item, now)
            case Connected(connections):
                out, own = self.ports.output, self.ports.inputs
                self.performance.looped = any((out, each) in connections for each in own)
                self._save(msgspec.structs.replace(self.state, connections=connections))
            case _:
                self.performance.said(item, now)

    def _arrive(self, stamp: float, data: bytes, now: float) -> None:
        counters = self.performance.counters
        passed = counters.counts["thru"]
        self.performance.arrive(stamp, data, now)
        if counters.counts["thru"] > passed:
            counters.passed(self._sent - stamp)

    def _send(self, message: bytes) -> None:
        self.ports.send(message)
        self._sent = time.monotonic()

    def _waiting(self) -> dict[str, float]:
        return {
            "dropped": self.inbox.dropped + self.outbox.dropped,
            "queue_player": self.inbox.deepest(),
            "outbox_player": self.outbox.deepest(),
        }

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
        for message in messages(stream, ToPlayer):
            inbox.put(message)
    except WireError as error:
        inbox.put(Leave(1, str(error)))
    inbox.put(Leave())


def watch(ports: Ports, inbox: Inbox[Item], over: threading.Event) -> None:
    """Look once a second whether the ports are there, and who is connected."""
    known: tuple[tuple[str, str], ...] | None = None
    while not over.wait(WATCH):
        if sentence := ports.lost():
            inbox.put(Leave(LOST, sentence))
            return
        connections = tuple(ports.connections())
        if connections != known:
            known = connections
            inbox.put(Connected(connections))


def prefer_real_time() -> bool:
    """Ask for SCHED_FIFO, for this thread and those it starts; whether it was granted."""
    if sys.platform != "linux":
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(FIFO_PRIORITY))
    except OSError:
        return False
    return True


def refuse(error: GlissarError, again: bool) -> int:
    """Ports that cannot be opened: a sentence the first time, patience when they were there."""
    if again:
        return LOST
    sys.stderr.write(f"glissar: {error}\n")
    return REFUSED


def play(begin: Begin, reader: BinaryIO, writer: BinaryIO) -> int:
    """Open the ports and play until told to leave; the exit code."""
    inbox: Inbox[Item] = Inbox()
    leave_on_sigterm(inbox)
    try:
        ports = open_ports(begin.settings.midi, lambda stamp, data: inbox.put(Arrival(stamp, data)))
    except GlissarError as error:
        return refuse(error, begin.again)
    outbox, over = Outbox(writer), threading.Event()
    outbox.send(Opened(ports.api.title, ports.input, ports.output), SUPERVISOR)
    threading.Thread(target=listen, args=(reader, inbox), daemon=True).start()
    threading.Thread(target=watch, args=(ports, inbox, over), daemon=True).start()
    code = Player(begin, ports, inbox, outbox).run()
    over.set()
    time.sleep(FLUSH)
    outbox.close()
    closing = threading.Thread(target=ports.close, daemon=True)
    closing.start()
    closing.join(0.3)
    return code


def leave_on_sigterm(inbox: Inbox[Item]) -> None:
    def leave(_signal: int, _frame: FrameType | None) -> None:
        inbox.put(Leave())

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides
    signal.signal(signal.SIGTERM, leave)


def main() -> int:
    reader, writer = pipes()
    begin = next(messages(reader, Begin), None)
    if begin is None:
        return 0
    prefer_real_time()
    threading.stack_size(1 << 19)  # libjack locks all memory, and with it every stack, in place
    sys.setswitchinterval(0.0005)  # a thread that computes gives way to the one that plays
    gc.freeze()
    gc.disable()  # what is made while playing has no cycles
    return play(begin, reader, writer)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # no driver's thread, and no reader still waiting, may hold the exit up
