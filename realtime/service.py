"""The engine process: the only place where session, model, OSC, log and player are wired up."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import BinaryIO

import click
import msgspec
from msgspec.structs import replace

from presets.bar import TICKS_PER_QUARTER
from presets.errors import GlissarError
from realtime import beginning, controls, household, priority, recording, wire
from realtime.cc.controllers import Controllers
from realtime.controls import ROOT
from realtime.events import (
    Action,
    Answer,
    Control,
    Cue,
    Decoded,
    Echo,
    Fetch,
    Forget,
    Hello,
    Learn,
    Load,
    Look,
    Moment,
    Offer,
    Placed,
    Play,
    Recalled,
    Record,
    Report,
    Request,
    SessionEvent,
    Store,
    Swapped,
    ToEngine,
    Trouble,
    Turned,
    Wish,
    Work,
)
from realtime.inbox import Inbox
from realtime.keeping import Keeping
from realtime.library import Library
from realtime.loader import Loaded, Loader
from realtime.log import Logged
from realtime.model import load
from realtime.models import Models
from realtime.playhead import Playhead
from realtime.ports import link
from realtime.ports.osc import Heard, OscPort
from realtime.ports.web import open_web
from realtime.recording import Recorded, Recording
from realtime.session import Session
from realtime.snapshots import Shelf, folder_of
from realtime.state import Curve
from realtime.surfaces import Surfaces
from realtime.tally import Tally
from realtime.transport import Map

Told = (
    ToEngine
    | Heard
    | Loaded
    | Recalled
    | Recorded
    | Placed
    | float
    | tuple[int, Decoded | None, str, Curve | None]
)


class Engine:
    """Takes what it is told from one inbox, asks the session, and does what it says."""

    def __init__(self, begin: household.Begin, reader: BinaryIO, out: wire.Outbox) -> None:
        """Load and bind everything. Raises GlissarError."""
        settings = begin.settings
        preset, state = beginning.found(begin, _say)
        self._reader, self._out = reader, out
        self._inbox: Inbox[Told | None] = Inbox()
        self._meter = begin.meter
        self._playhead = Playhead(self._meter.beat_ticks)
        missing = {} if link.installed() else {"link": link.MISSING}
        self._session = Session(preset.manifest, state, settings.seed, missing)
        self._osc = OscPort(settings.osc, self._inbox.put_behind)
        model = load(preset, settings.provider, _say)
        self._models = Models(
            state.preset or settings.preset, model, self._answered, self._inbox.put
        )
        loader = Loader(settings.provider, begin.meter, _say, self._inbox.put)
        shelf = Shelf(folder_of(settings.snapshots), self._fault_of("snapshot"))
        self._recording = Recording(
            recording.folder_of(settings.recordings),
            *(begin.meter, settings.midi.answer_channel - 1, settings.osc.port, self._inbox.put),
        )
        self._log = beginning.log_of(begin, preset, state, self._fault_of("log"))
        self._tally = Tally(self._counts)
        self._plans = 0  # sent to the player
        self._done = False
        self._pulse = False  # the supervisor has asked for it
        table = controls.of(preset.manifest)
        self._web = open_web(begin, table, self._inbox.put_behind, preset, self._recording.midi)
        self._surfaces = Surfaces(table, _say)
        kept = self._models, loader, shelf
        self._library = Library(*kept, self._session, self._surfaces)
        told = self._out.send, self._surfaces.tell, self._inbox.put
        self._cc = Controllers(settings.controller, table, *told)
        for surface in (self._osc, self._cc, self._web):
            if surface:
                self._surfaces.add(surface)
        self._welcome = (
            f"{preset.name} is ready; knobs {', '.join(preset.manifest.knobs)} at "
            f"{ROOT}/knob/NAME, UDP {settings.osc.port}"
            f"{f', {self._web.panel}' if self._web and self._web.panel else ''}. Ctrl-C ends."
        )
        self._keeping = Keeping(state)
        self._asked_at = 0.0

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True, name="wire").start()
        self._osc.start()
        self._out.send(household.Ready(), wire.SUPERVISOR)
        _say(self._welcome)
        self._out.send(Hello())
        self._do(self._session.chosen())
        self._surfaces.tell("record", 0)
        self._surfaces.tell("transport/meter", str(self._meter))
        self._library.begin()
        self._cc.begin()
        gc.collect()
        gc.freeze()
        if self._web:
            self._web.start()
        while not self._done:
            told = self._inbox.take(until=self._next())
            if told is not None:
                self._hear(told)
                self._tally.stir(time.monotonic())
            if turned := self._cc.act(time.monotonic()):
                self._hear(turned)
            self._answer_pulse()
            self._keep()
            self._tell_place(time.monotonic())
            self._tell_counts(time.monotonic())
        self._surfaces.close()
        self._library.close()
        self._recording.close()
        if self._log:
            self._log.note(Report(self._tally.all(), of="all"))
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

    def _fault_of(self, code: str) -> Callable[[str], None]:
        """Takes sentences of one kind; from any thread."""
        return lambda sentence: self._inbox.put(Trouble(code, sentence))

    def _answered(
        self, id: int, decoded: Decoded | None, sentence: str, curve: Curve | None
    ) -> None:
        self._inbox.put((id, decoded, sentence, curve))

    def _hear(self, told: Told) -> None:
        match told:
            case Moment() | Cue() | Report():
                self._follow(told)
            case Trouble():
                self._surfaces.speak(told, time.monotonic())
            case Turned():
                self._cc.hear(told, time.monotonic())
            case Heard():
                if settings := self._surfaces.tell_again(told.settings):
                    self._ask(Control(self._playhead.tick(told.time), settings, told.time))
            case Loaded():
                self._do(self._library.take_up(told, self._playhead.tick(time.monotonic())))
            case Recorded():
                self._tell_recorded(told)
            case Placed() | float() | int():
                self._surfaces.tell_shown(told)
            case tuple():
                self._ask(Answer(self._playhead.tick(time.monotonic()), *told))
            case _:
                self._ask(told)

    def _follow(self, told: Moment | Cue | Report) -> None:
        """What the player says of the song and of itself."""
        match told:
            case Moment():
                self._playhead.follow(Map.of(told), time.monotonic())
                self._note(told)
                self._surfaces.tell("transport/play", int(told.rolling))
                self._surfaces.tell("transport/tempo", round(told.rate * 60 / TICKS_PER_QUARTER, 1))
            case Cue():
                self._note(told)
            case Report():
                self._tally.hear(told)

    def _tell_recorded(self, told: Recorded) -> None:
        self._surfaces.tell("record", int(told.on))
        if told.file:
            self._surfaces.tell("record/file", told.file)

    def _tell_place(self, now: float) -> None:
        if (tick := self._playhead.tell(now)) is not None:
            self._surfaces.tell("transport/at", tick)

    def _tell_counts(self, now: float) -> None:
        if counts := self._tally.tell(now):
            for name, value in counts.items():
                self._surfaces.tell(f"state/{name}", float(value))
            if self._tally.logs(now):
                self._note(Report(counts, of="all"))

    def _counts(self) -> dict[str, float]:
        """The engine's own."""
        counts = {**self._osc.counts(), **self._models.counts(), **self._cc.counts()}
        counts["log_lost"] = self._log.dropped if self._log else 0
        counts["recorded"] = round(self._recording.seconds, 1)
        counts["queue_engine"] = self._inbox.deepest()
        counts["outbox_engine"] = self._out.deepest()
        counts["dropped"] += self._inbox.dropped + self._out.dropped
        if self._web:
            counts |= {f"web_{name}": many for name, many in asdict(self._web.counts).items()}
        return counts

    # --- out --------------------------------------------------------------------------------------

    def _ask(self, event: SessionEvent) -> None:
        self._do(self._session.handle(event))
        self._note(event)
        if isinstance(event, Answer):
            if event.curve is None:
                took = time.monotonic() - self._asked_at
                self._surfaces.tell("state/latency_ms", took * 1e3)
            self._do(self._library.judge(event))

    def _note(self, what: Logged) -> None:
        self._recording.hear(what)
        if self._log:
            self._log.note(what)

    def _do(self, actions: Iterable[Action | Offer | Recalled]) -> None:
        for action in actions:
            match action:
                case Play():
                    self._play(action)
                case Request() | Look():
                    self._request(action)
                case Echo():
                    self._surfaces.pass_on(action)
                case Trouble():
                    self._surfaces.speak(action, time.monotonic())
                case Swapped():
                    self._swap()
                case Offer():
                    self._note(action)
                case Recalled():
                    self._inbox.put(action)
                case Load() | Store() | Fetch() | Learn() | Forget() | Record():
                    self._serve(action, time.monotonic())
                case _:
                    self._out.send(action)

    def _play(self, play: Play) -> None:
        self._plans += 1
        self._out.send(replace(play, number=self._plans))
        self._recording.plan(self._plans, play.plan)

    def _request(self, request: Request | Look) -> None:
        if isinstance(request, Request) and isinstance(request.work, Work):
            self._asked_at = time.monotonic()  # a path may take longer, and is not waited for
        self._models.ask(request)

    def _serve(self, wish: Wish, now: float) -> None:
        """What the session wants of others than the player."""
        match wish:
            case Load(preset):
                self._library.load(preset)
            case Store(name):
                self._do(self._library.store(name))
            case Fetch():
                self._do(self._library.fetch(wish, self._playhead.tick(now), now))
            case Learn() | Forget():
                self._cc.do(wish, now)
            case Record():
                self._recording.turn(wish.on, self._playhead.map.at(now).moment)

    def _swap(self) -> None:
        """The preset that was offered last plays from here on."""
        model = self._models.swap().model
        assert model
        table = controls.of(model.preset.manifest)
        self._surfaces.show(table)
        self._cc.show(table)
        if self._web:
            self._web.show(table, model.preset)
        self._surfaces.tell("preset/state", "idle")

    def _next(self) -> float | None:
        """When there is something to do, if nothing comes before."""
        keep = self._keeping.next(self._session.state)
        whens = keep, self._tally.next, self._playhead.next, self._cc.next
        return min((when for when in whens if when is not None), default=None)

    def _keep(self) -> None:
        state = self._session.state
        if self._keeping.keeps(state, time.monotonic()):
            self._out.send(household.Keep(msgspec.msgpack.encode(state)), wire.SUPERVISOR)


def _say(sentence: str) -> None:
    click.echo(f"glissar: {sentence}", err=True)


def main() -> None:
    reader, writer = wire.pipes()
    begin = next(wire.messages(reader, household.Begin), None)
    if begin is None:
        return
    out = wire.Outbox(writer)
    sys.setswitchinterval(0.00005)  # who computes gives way at once to who sends a plan
    priority.nice()
    try:
        Engine(begin, reader, out).run()
    except GlissarError as error:
        _say(str(error))
        sys.exit(household.REFUSED)
    finally:
        out.close()


if __name__ == "__main__":
    main()
