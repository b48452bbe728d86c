"""The engine process: the only place where session, model, OSC, log and player are wired up."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from presets.bar import TICKS_PER_QUARTER
from presets.errors import GlissarError
from presets.preset import Preset, read_named
from realtime import household, wire
from realtime.controls import ROOT, table
from realtime.desk import State
from realtime.events import (
    Action,
    Answer,
    Control,
    Cue,
    Curve,
    Decoded,
    Echo,
    Hello,
    Moment,
    Play,
    Report,
    Request,
    SessionEvent,
    ToEngine,
    Trouble,
    Work,
)
from realtime.inbox import Inbox
from realtime.log import FORMAT, Header, Log, Logged
from realtime.model import load
from realtime.ports.osc import Heard, OscPort
from realtime.session import Session
from realtime.settings import Settings
from realtime.transport import Map
from realtime.worker import Worker

KEEP_EVERY = 0.25  # seconds between states handed to the supervisor
SPEAK_EVERY = 1.0  # seconds between two sentences of one kind

Told = ToEngine | Heard | tuple[int, Decoded | None, str, Curve | None]


class Engine:
    """Takes what it is told from one inbox, asks the session, and does what it says."""

    def __init__(self, begin: household.Begin, reader: BinaryIO, out: wire.Outbox) -> None:
        """Load and bind everything. Raises GlissarError."""
        settings = begin.settings
        preset = read_named(settings.preset)
        state = _state(begin)
        self._reader, self._out = reader, out
        self._inbox: Inbox[Told | None] = Inbox()
        self._map = Map(0.0, 0.0, 1.0, False)
        self._session = Session(preset.manifest, state, settings.seed)
        self._osc = OscPort(settings.osc, self._inbox.put)
        self._worker = Worker(load(preset, settings.provider, _say), self._answered)
        self._log = _log(begin, preset, state, lambda why: self._inbox.put(Trouble("log", why)))
        self._plans = 0  # sent to the player
        self._done = False
        self._pulse = False  # the supervisor has asked for it
        facts = preset.manifest
        self._table = table(facts.knobs, facts.menus, [c.name for c in facts.constraints])
        self._told: dict[str, tuple[Any, ...]] = {}  # of what is not set but told: its last value
        self._welcome = (
            f"{preset.name} is ready; knobs {', '.join(preset.manifest.knobs)} at "
            f"{ROOT}/knob/NAME, UDP {settings.osc.port}. Ctrl-C ends."
        )
        self._kept = (state, 0.0)
        self._spoken: dict[str, float] = {}
        self._asked_at = 0.0

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True, name="wire").start()
        self._osc.start()
        self._out.send(household.Ready(), wire.SUPERVISOR)
        _say(self._welcome)
        self._out.send(Hello())
        self._echo("preset/name", self._session.preset)
        self._osc.echo(f"{ROOT}/transport/source", (self._session.state.source,))
        gc.collect()
        gc.freeze()
        while not self._done:
            told = self._inbox.take(until=self._next_keep())
            if told is not None:
                self._hear(told)
            self._answer_pulse()
            self._keep()
        self._osc.close()
        if self._log:
            self._log.close()

    # --- in ---------------------------------------------------------------------------------------

    def _listen(self) -> None:
        try:
            for message in wire.messages(self._reader, ToEngine | household.Pulse):
                if isinstance(message, household.Pulse):
                    self._pulse = True
                    self._inbox.insist(None)
                else:
                    self._inbox.put(message)
        finally:
            self._done = True
            self._inbox.insist(None)

    def _answer_pulse(self) -> None:
        """By the next turn of the loop, however much waits in the inbox."""
        if self._pulse:
            self._pulse = False
            self._out.send(household.Alive(), wire.SUPERVISOR)

    def _answered(
        self, id: int, decoded: Decoded | None, sentence: str, curve: Curve | None
    ) -> None:
        self._inbox.put((id, decoded, sentence, curve))

    def _hear(self, told: Told) -> None:
        match told:
            case Moment():
                self._map = Map.of(told)
                self._note(told)
                self._echo("transport/play", int(told.rolling))
                self._echo("transport/tempo", round(told.rate * 60 / TICKS_PER_QUARTER, 1))
            case Cue():
                self._note(told)
            case Report():
                self._tell_counts(told.counts)
            case Trouble():
                self._speak(told)
                self._tell_counts({})
            case Heard():
                if settings := tuple(s for s in told.settings if not self._tell_again(*s)):
                    self._ask(Control(self._tick(told.time), settings, told.time))
            case tuple():
                self._ask(Answer(self._tick(time.monotonic()), *told))
            case _:
                self._ask(told)

    def _tell_counts(self, counts: Mapping[str, float]) -> None:
        """The player's, and the engine's own."""
        for name, value in {**counts, **self._counts()}.items():
            self._echo(f"state/{name}", float(value))

    def _counts(self) -> dict[str, int]:
        lost = self._log.dropped if self._log else 0
        return {"osc_rejected": self._osc.rejected, "osc_late": self._osc.late, "log_lost": lost}

    def _tell_again(self, address: str, args: tuple[Any, ...]) -> bool:
        """Whether this asked for an address that was told before; then it is told again."""
        asked = args[0] if address == f"{ROOT}/query" and len(args) == 1 else None
        if not isinstance(asked, str) or asked not in self._told:
            return False
        self._osc.echo(asked, self._told[asked])
        return True

    def _echo(self, name: str, *args: Any) -> None:
        """Tell a value that has changed."""
        address = f"{ROOT}/{name}"
        if self._told.get(address) != args:
            self._told[address] = args
            self._osc.echo(address, args)

    def _tick(self, when: float) -> int:
        return round(self._map.tick_at(when))

    # --- out --------------------------------------------------------------------------------------

    def _ask(self, event: SessionEvent) -> None:
        for action in self._session.handle(event):
            self._do(action)
        self._note(event)
        if isinstance(event, Answer) and event.curve is None:
            self._echo("state/latency_ms", (time.monotonic() - self._asked_at) * 1e3)

    def _note(self, what: Logged) -> None:
        if self._log:
            self._log.note(what)

    def _do(self, action: Action) -> None:
        match action:
            case Play():
                self._plans += 1
                self._out.send(Play(action.plan, self._plans))
            case Request():
                if isinstance(action.work, Work):  # a path may take longer, and is not waited for
                    self._asked_at = time.monotonic()
                self._worker.ask(action)
            case Echo():
                if not self._table[action.address].writable:
                    self._told[action.address] = action.args
                self._osc.echo(action.address, action.args)
            case Trouble():
                self._speak(action)
            case _:
                self._out.send(action)

    def _speak(self, trouble: Trouble) -> None:
        """Tell listeners and the terminal, one sentence of a kind a second."""
        now = time.monotonic()
        if now - self._spoken.get(trouble.code, -SPEAK_EVERY) >= SPEAK_EVERY:
            self._spoken[trouble.code] = now
            self._osc.echo(f"{ROOT}/error", (trouble.code, trouble.sentence))
            _say(trouble.sentence)

    def _next_keep(self) -> float | None:
        kept, when = self._kept
        return None if kept is self._session.state else when + KEEP_EVERY

    def _keep(self) -> None:
        due = self._next_keep()
        if due is not None and time.monotonic() >= due:
            self._kept = (self._session.state, time.monotonic())
            self._out.send(
                household.Keep(msgspec.msgpack.encode(self._session.state)), wire.SUPERVISOR
            )


def _state(begin: household.Begin) -> State:
    if begin.again and begin.state:
        return msgspec.msgpack.decode(begin.state, type=State)
    return state_of(begin.settings)


def state_of(settings: Settings) -> State:
    """What a session starts with."""
    knobs = {name: ("offset", number) for name, number in settings.knobs.items()}
    return State(
        knobs,
        settings.mode,
        settings.edit,
        settings.variation,
        settings.delay,
        settings.every,
        settings.midi.thru,
        settings.transport.source,
        choices=dict(settings.constraints),
    )


def _log(
    begin: household.Begin, preset: Preset, state: State, fault: Callable[[str], None]
) -> Log | None:
    settings = begin.settings
    if not settings.log:
        return None
    header = Header(FORMAT, preset.name, preset.sha256, settings, state, cued=True)
    try:
        return Log(Path(settings.log), header, go_on=begin.again, fault=fault)
    except GlissarError as error:
        if not begin.again:
            raise
        fault(f"{str(error).removesuffix('.')}, and the music goes on without it.")
        return None


def _say(sentence: str) -> None:
    click.echo(f"glissar: {sentence}", err=True)


def main() -> None:
    reader, writer = wire.pipes()
    begin = next(wire.messages(reader, household.Begin), None)
    if begin is None:
        return
    out = wire.Outbox(writer)
    try:
        Engine(begin, reader, out).run()
    except GlissarError as error:
        _say(str(error))
        sys.exit(household.REFUSED)
    finally:
        out.close()


if __name__ == "__main__":
    main()
