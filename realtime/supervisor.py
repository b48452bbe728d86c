"""The supervisor: starts player and engine, passes their frames on, and starts again what dies.

It is tiny on purpose: no numpy, no onnxruntime, nothing that could itself fall. Children run in
process sessions of their own, so that Ctrl-C reaches the supervisor alone; a supervisor that is
killed leaves them at the end of their stdin, and they close their notes and leave.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, BinaryIO, cast

import msgspec

from presets.bar import Meter
from realtime.events import Roll
from realtime.household import LOST, REFUSED, Begin, Keep, Opened, Ready, ToSupervisor
from realtime.inbox import Inbox
from realtime.ledger import Ledger
from realtime.settings import Settings
from realtime.wire import PEER, Outbox, WireError, encode, frames, pack

PLAYER = (sys.executable, "-m", "realtime.player")
ENGINE = (sys.executable, "-m", "realtime.service")
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # s before a child is started again
STEADY = 10.0  # s after which a child that dies is started again as soon as the first time
FALSE_STARTS = 3  # of a child that has never been up
GRACE = 1.0  # s that a child has to leave


@dataclass(frozen=True, slots=True)
class Said:
    child: Child
    payload: bytes


@dataclass(frozen=True, slots=True)
class Gone:
    child: Child


@dataclass(frozen=True, slots=True)
class Stop:
    pass


Item = Said | Gone | Stop
Process = subprocess.Popen[bytes]


class Child:
    """One child process after another, under one name, with what the last one left behind."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = command
        self.peer: Child | None = None
        self.state = b""
        self.up = False  # has one of this name been up?
        self.lost = False  # it waits for something to come back, and that was said
        self.starts = 0
        self.restart_at: float | None = None
        self._pause = FIRST_PAUSE
        self._started = 0.0
        self._process: Process | None = None
        self._outbox: Outbox | None = None
        self._reader: threading.Thread | None = None

    def start(self, settings: Settings, meter: Meter, ledger: str, inbox: Inbox[Item]) -> None:
        self._process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self.starts += 1
        self.restart_at = None
        self._started = time.monotonic()
        self._outbox = Outbox(_binary(self._process.stdin))
        self.send(encode(Begin(settings, meter, ledger, self.up, self.state)))
        self._reader = threading.Thread(target=self._read, args=(self._process, inbox), daemon=True)
        self._reader.start()

    def send(self, frame: bytes) -> None:
        """Pass a frame on. It never waits: a child that hangs loses its oldest frames."""
        if self._outbox:
            self._outbox.put(frame)

    def reap(self) -> int:
        """The exit code of the process that is gone; set the time for the next one."""
        process, self._process = self._process, None
        if self._outbox:
            self._outbox.close(0)
        self._outbox = None
        now = time.monotonic()
        if now - self._started > STEADY:
            self._pause = FIRST_PAUSE
        self.restart_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return process.wait() if process else 0

    def ask_to_leave(self) -> None:
        if self._process and self._outbox:
            self._outbox.close(0)
            self._process.terminate()

    def see_off(self, patience: float) -> None:
        """Wait for it to be gone, but not beyond `patience` (monotonic): then it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, patience - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._reader and self._outbox:
            self._reader.join(GRACE)
            self._outbox.close()

    def _read(self, process: Process, inbox: Inbox[Item]) -> None:
        """Until the child is gone: its frames to its peer or to the supervisor."""
        try:
            with _binary(process.stdout) as stream:
                for destination, payload in frames(stream):
                    if destination != PEER:
                        inbox.put(Said(self, payload))
                    elif self.peer:
                        self.peer.send(pack(PEER, payload))
        except (WireError, OSError, ValueError):
            process.kill()  # whatever it speaks, it is not ours
        process.wait()
        inbox.put(Gone(self))


class Supervisor:
    """One household of player and engine. `run` returns the exit code."""

    def __init__(
        self,
        settings: Settings,
        meter: Meter,
        tell: Callable[[str], None],
        player: Sequence[str] = PLAYER,
        engine: Sequence[str] = ENGINE,
    ) -> None:
        self.settings = settings
        self.meter = meter
        self.tell = tell
        self.inbox: Inbox[Item] = Inbox()
        self.player, self.engine = Child("player", player), Child("engine", engine)
        self.player.peer, self.engine.peer = self.engine, self.player
        self.children = (self.player, self.engine)
        self.ledger = ""

    def run(self) -> int:
        self.ledger = Ledger.create()
        try:
            for child in self.children:
                self._start(child)
            return self._keep_house()
        finally:
            self._close()
            Path(self.ledger).unlink(missing_ok=True)

    def stop(self) -> None:
        """May be called from a signal handler."""
        self.inbox.put(Stop())

    def _keep_house(self) -> int:
        while True:
            times = [c.restart_at for c in self.children if c.restart_at is not None]
            item = self.inbox.take(min(times, default=None))
            match item:
                case Stop():
                    return 0
                case Said(child, payload):
                    self._hear(child, payload)
                case Gone(child):
                    if code := self._mourn(child):
                        return code
                case None:
                    pass
            self._restart_due()

    def _hear(self, child: Child, payload: bytes) -> None:
        try:
            message: ToSupervisor = msgspec.msgpack.decode(payload, type=ToSupervisor)
        except msgspec.DecodeError:
            self.tell(f"The {child.name} said something that its supervisor does not know.")
            return
        match message:
            case Keep(state):
                child.state = state
            case Ready():
                self._up(child)
            case Opened(api, input_name, output_name):
                if not child.up:
                    self.tell(f"MIDI by {api}: {input_name} in, {output_name} out.")
                self._up(child)

    def _up(self, child: Child) -> None:
        """The first time that both are up, the song starts, if it is to start by itself."""
        first = not child.up
        child.up = True
        transport = self.settings.transport
        if first and all(c.up for c in self.children):
            if transport.start and transport.source == "internal":
                self.player.send(encode(Roll()))
        elif not first:
            child.lost = False
            self.tell(f"The {child.name} is back.")

    def _mourn(self, child: Child) -> int:
        """Say that a child is gone. The exit code, where starting it again would not help."""
        code = child.reap()
        if not child.up and code == REFUSED:
            return REFUSED
        if not child.up and child.starts >= FALSE_STARTS:
            self.tell(f"The {child.name} does not start; its last words are above.")
            return 1
        if code != LOST:
            self.tell(f"The {child.name} died ({_how(code)}); it is started again.")
        elif not child.lost:
            self.tell("The MIDI ports are gone; they are taken up when they come back.")
        child.lost = code == LOST
        return 0

    def _restart_due(self) -> None:
        for child in self.children:
            if child.restart_at is not None and time.monotonic() >= child.restart_at:
                self._start(child)

    def _start(self, child: Child) -> None:
        child.start(self.settings, self.meter, self.ledger, self.inbox)

    def _close(self) -> None:
        """The engine first, so that nothing new is said; the player closes its notes."""
        patience = time.monotonic() + GRACE
        for child in (self.engine, self.player):
            child.ask_to_leave()
        for child in (self.engine, self.player):
            child.see_off(patience)


def run(settings: Settings, meter: Meter | None = None) -> int:
    """Play until Ctrl-C or SIGTERM; the exit code. `meter` is the preset's."""
    supervisor = Supervisor(settings, meter or Meter(), _say)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        return supervisor.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # a terminal that is gone stops no music
        sys.stderr.write(f"glissar: {sentence}\n")
        sys.stderr.flush()


def _how(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _binary(stream: IO[bytes] | None) -> BinaryIO:
    return cast("BinaryIO", stream)
