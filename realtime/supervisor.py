"""The supervisor: starts player and engine, passes their frames on, and starts again what dies.

It is tiny on purpose: no numpy, no onnxruntime, nothing that could itself fall. Children run in
process sessions of their own, so that Ctrl-C reaches the supervisor alone; a supervisor that is
killed leaves them at the end of their stdin, and they close their notes and leave.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

import msgspec

from presets.bar import Meter
from realtime import ledger
from realtime.child import GRACE, PULSE, Child, Gone, Item, Said, Silence, Stop
from realtime.events import Panic, Report, Roll
from realtime.household import LOST, REFUSED, Alive, Keep, Opened, Ready, ToSupervisor
from realtime.inbox import Inbox
from realtime.ports.web_token import with_token
from realtime.settings import Settings
from realtime.wire import encode

PLAYER = (sys.executable, "-m", "realtime.player")
ENGINE = (sys.executable, "-m", "realtime.service")
# SIGHUP: the terminal was closed. Windows has none.
SIGNALS = [s for s in signal.Signals if s.name in ("SIGINT", "SIGTERM", "SIGHUP")]
PANIC: signal.Signals | None = getattr(signal, "SIGUSR1", None)  # nor has it this one
FALSE_STARTS = 3  # of a child that has never been up


class Supervisor:
    """One household of player and engine. `run` returns the exit code."""

    def __init__(
        self,
        settings: Settings,
        meter: Meter,
        tell: Callable[[str], None],
        player: Sequence[str] = PLAYER,
        engine: Sequence[str] = ENGINE,
        ready: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        """`ready` is told once that both are up, with what ends it all."""
        self.settings = with_token(settings)
        self.meter = meter
        self.tell = tell
        self.inbox: Inbox[Item] = Inbox()
        self.player, self.engine = Child("player", player), Child("engine", engine)
        self.player.peer, self.engine.peer = self.engine, self.player
        self.children = (self.player, self.engine)
        self.ledger = ""
        self._told = self._counts()
        self._pulse_at = 0.0
        self._ready = ready

    def run(self) -> int:
        with ledger.kept() as self.ledger:
            try:
                for child in self.children:
                    self._start(child)
                return self._keep_house()
            finally:
                self._close()

    def stop(self) -> None:
        """May be called from a signal handler."""
        self.inbox.insist(Stop())

    def silence(self) -> None:
        """May be called from a signal handler."""
        self.inbox.put(Silence())

    def _keep_house(self) -> int:
        while True:
            times = [c.restart_at for c in self.children if c.restart_at is not None]
            item = self.inbox.take(min([self._pulse_at, *times]))
            match item:
                case Stop():
                    return 0
                case Silence():
                    self.player.send(encode(Panic(every_key=True)))
                case Said(child, payload):
                    self._hear(child, payload)
                case Gone(child):
                    if code := self._mourn(child):
                        return code
                case None:
                    pass
            self._restart_due()
            self._tell_counts()
            self._feel_pulses()

    def _hear(self, child: Child, payload: bytes) -> None:
        try:
            message: ToSupervisor = msgspec.msgpack.decode(payload, type=ToSupervisor)
        except msgspec.DecodeError:
            self.tell(f"The {child.name} said something that its supervisor does not know.")
            return
        match message:
            case Keep(state):
                child.state = state
            case Alive():
                child.answered()
            case Ready():
                self._up(child)
            case Opened(api, input_name, output_name):
                if not child.up:
                    self.tell(f"MIDI by {api}: {input_name} in, {output_name} out.")
                self._up(child)

    def _up(self, child: Child) -> None:
        """The first time that both are up, the song starts, if it is to start by itself."""
        first = not child.up
        child.arrived()
        transport = self.settings.transport
        if first and all(c.up for c in self.children):
            if transport.start and transport.source != "clock":
                self.player.send(encode(Roll(alone=True)))
            if self._ready:
                self._ready(self.stop)
        elif not first:
            child.restarts += not child.lost
            child.reconnects += child.lost
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
            self.tell(f"The {child.name} died ({child.hung or _how(code)}); it is started again.")
        elif not child.lost:
            self.tell("The MIDI ports are gone; they are taken up when they come back.")
        child.lost, child.hung = code == LOST, ""
        return 0

    def _restart_due(self) -> None:
        for child in self.children:
            if child.restart_at is not None and time.monotonic() >= child.restart_at:
                self._start(child)

    def _feel_pulses(self) -> None:
        now = time.monotonic()
        if now >= self._pulse_at:
            self._pulse_at = now + PULSE
            for child in self.children:
                child.feel_pulse()
                if self.settings.spares:
                    child.prepare()

    def _start(self, child: Child) -> None:
        child.start(self.settings, self.meter, self.ledger, self.inbox)

    def _tell_counts(self) -> None:
        """Tell the engine what was lost between the two, and how often who came back."""
        if (counts := self._counts()) != self._told:
            self._told = counts
            self.engine.send(encode(Report(counts, of="household")))

    def _counts(self) -> dict[str, float]:
        return {
            "dropped": self.player.dropped + self.engine.dropped,
            "reconnects": self.player.reconnects,
            "player_restarts": self.player.restarts,
            "engine_restarts": self.engine.restarts,
        }

    def _close(self) -> None:
        """The engine first, so that nothing new is said; the player closes its notes."""
        patience = time.monotonic() + GRACE
        for child in (self.engine, self.player):
            child.ask_to_leave()
        for child in (self.engine, self.player):
            child.see_off(patience)


def run(
    settings: Settings,
    meter: Meter | None = None,
    ready: Callable[[Callable[[], None]], object] | None = None,
) -> int:
    """Play until Ctrl-C or SIGTERM; the exit code. `meter` is the preset's."""
    supervisor = Supervisor(settings, meter or Meter(), _say, ready=ready)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    def silence(_signal: int, _frame: FrameType | None) -> None:
        supervisor.silence()

    before = {s: signal.signal(s, stop) for s in SIGNALS}
    if PANIC is not None:
        before[PANIC] = signal.signal(PANIC, silence)
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
