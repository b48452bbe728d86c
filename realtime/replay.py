"""A performance's log played anew: the session is told the same again, and a schedule gets what it
plans at the cues that the player gave then.

Time never goes back: what begins anew after a halt follows what was before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from presets.bar import TICKS_PER_QUARTER
from presets.errors import GlissarError
from realtime.events import (
    ANEW,
    CLOSED,
    Action,
    Answer,
    Control,
    Cue,
    Decoded,
    Gesture,
    Halted,
    Moment,
    NoteOff,
    NoteOn,
    Offer,
    Plan,
    Play,
    Report,
    Request,
    Rolling,
    SessionEvent,
    Swapped,
    Work,
)
from realtime.log import Gap, Logged, Take
from realtime.midifile import Timed
from realtime.model import Model
from realtime.performance import RETOLD
from realtime.schedule import NEVER, Schedule
from realtime.session import Session
from realtime.worker import answer

SLOWEST = (1 << 24) - 1  # microseconds a quarter note, as MIDI files can say it


Find = Callable[[str], Model]


def replay(takes: Sequence[Take], find: Find, *, to_the_end: bool = False) -> Replay:
    """`find` gives the model of a preset by what a person called it.

    Raises GlissarError where it is not the preset that was played. `to_the_end` closes what a log
    that was cut off leaves sounding, which nobody did then.
    """
    again = Replay(takes[0], find)
    for take in takes:
        again.play(take)
    again.end(to_the_end)
    return again


class Replay:
    """What was played and heard, in ticks, and how much of it was decided anew."""

    def __init__(self, first: Take, find: Find) -> None:
        self.played: list[Timed] = []
        self.heard: list[Timed] = []  # on the answers' channel
        tempo = first.header.settings.transport.tempo
        self.tempos = [(0, round(60e6 / tempo))]  # (tick, microseconds a quarter note)
        self.told = 0  # events
        self.decisions = 0
        self.otherwise = 0  # decisions that the model makes otherwise here
        self.lost = 0  # lines that the log lacks
        self._find = find
        self._channel = first.header.settings.midi.answer_channel - 1
        self._schedule = Schedule(self._channel)
        self._rolling, self._rolled = False, 0  # and since which tick
        self._now = self._shift = 0  # the song's tick; with the shift, the replay's
        self._rate = 0.0  # ticks a second, where the player told

    def play(self, take: Take) -> None:
        """One engine's part: the player's schedule goes on from the one before."""
        header = take.header
        self._model = self._next = self._read(
            header.state.preset or header.settings.preset, header.sha256
        )
        manifest = self._model.preset.manifest
        self._session = Session(manifest, header.state, header.settings.seed)
        self._cued = header.cued
        self._plans, self._waiting = 0, dict[int, Plan]()
        self._decided = {e.id: e.decoded for e in take.events if isinstance(e, Answer)}
        for line in take.events:
            self._hear(line)

    def _read(self, name: str, sha256: str) -> Model:
        model = self._find(name)
        if sha256 not in (model.preset.sha256, model.preset.unmapped):
            raise GlissarError(
                f"this was played with another {Path(name).name} than {model.preset.folder}; "
                "give that one with --preset."
            )
        return model

    def end(self, closed: bool) -> None:
        """What had surely been said when the log ended; `closed`: and what it left sounding."""
        self._catch_up()
        if closed:
            self._silence()
            self._let_go()

    def _hear(self, line: Logged) -> None:
        match line:
            case Cue():
                self._cue(line)
            case Moment():
                self._rate = line.rate
                if self._rolling:
                    self._mark(round(line.tick))
            case Gap():
                self.lost += line.lines
            case Offer():
                self._next = self._read(line.preset, line.sha256)
                self._do(self._session.offer(self._next.preset.manifest, line.preset))
            case Report():
                pass  # how well it went then
            case _:
                self.told += 1
                self._event(line)

    def _event(self, event: SessionEvent) -> None:
        if isinstance(event, Rolling):
            self._roll(event.tick)
        if not self._cued:
            self._now = max(self._now, event.tick)
            self._until(self._now - 1)
        elif not isinstance(event, Answer | Control):  # their ticks are the engine's guess
            self._now = max(self._now, event.tick)
        self._keep(event)
        self._do(self._session.handle(event))
        if isinstance(event, Halted):
            self._silence()
            self._rolling = False

    def _roll(self, tick: int) -> None:
        if not self._cued:  # after a halt, or after a player that died
            self._silence()
        self._shift, self._now = max(self._shift, self._now + self._shift - tick), tick
        self._rolling, self._rolled = True, tick
        self._mark(tick)

    # --- the session ------------------------------------------------------------------------------

    def _do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Play():
                    self._plan(action.plan)
                case Request():
                    self._decide(action)
                case Swapped():
                    self._model = self._next
                case _:
                    pass  # wakes are in the log, and nobody listens to echoes here

    def _decide(self, request: Request) -> None:
        """See whether the model would still decide as it did; what it did then is played."""
        then = self._decided.get(request.id)
        if not isinstance(request.work, Work) or request.id not in self._decided:
            return  # a path decides nothing; what came after the log's end was not heard
        now, _, _ = answer(self._model, request)
        self.decisions += 1
        self.otherwise += _tokens(now) != _tokens(then)

    # --- the schedule -----------------------------------------------------------------------------

    def _plan(self, plan: Plan) -> None:
        self._plans += 1
        if self._cued:
            self._waiting[self._plans] = plan
        else:
            self._schedule.add(plan)

    def _cue(self, cue: Cue) -> None:
        if cue.tick == NEVER and cue.number in (CLOSED, ANEW):
            self._catch_up()  # it is another player's, which knows nothing of what was said
        self._now = max(self._now, cue.tick)
        self._until(cue.tick)
        if plan := self._waiting.pop(cue.number, None):  # or of an engine that is gone
            self._schedule.add(plan)
        elif cue.number == CLOSED:
            self._say(self._now, self._schedule.silence())
        elif cue.number == ANEW:
            self._silence()
            self._schedule, self._rolling = Schedule(self._channel), False

    def _catch_up(self) -> None:
        """To what had surely been said when the last that is known happened."""
        if self._cued and self._rolling:
            self._until(self._now - 1)

    def _until(self, tick: int) -> None:
        while (now := self._schedule.next_tick()) is not None and now <= tick:
            self._say(now, self._schedule.due(now))
        self._schedule.due(tick)

    def _silence(self) -> None:
        """As the player does when the transport stops: notes are closed and plans dropped."""
        self._say(self._now, self._schedule.close_all())

    def _say(self, tick: int, messages: Sequence[bytes]) -> None:
        self.heard += [(tick + self._shift, data) for data in messages]

    # --- what was played --------------------------------------------------------------------------

    def _keep(self, event: SessionEvent) -> None:
        match event:
            case NoteOn(tick, pitch, velocity, channel):
                data = bytes((0x90 | channel, pitch, velocity))
            case NoteOff(tick, pitch, channel):
                data = bytes((0x80 | channel, pitch, 64))
            case Gesture(tick, data):
                pass
            case _:
                return
        timed = max(0, tick + self._shift), data
        if tick < self._rolled and timed in self.played[-RETOLD:]:
            return  # told again, to an engine that came for one that died
        self.played.append(timed)

    def _let_go(self) -> None:
        """Of every key that is held."""
        held: dict[tuple[int, int], None] = {}  # (channel, pitch), in the order they were struck
        for _, data in self.played:
            if data[0] & 0xF0 == 0x90:
                held[data[0] & 0x0F, data[1]] = None
            elif data[0] & 0xF0 == 0x80:
                held.pop((data[0] & 0x0F, data[1]), None)
        end = max(0, self._now + self._shift)
        self.played += [(end, bytes((0x80 | channel, pitch, 64))) for channel, pitch in held]

    def _mark(self, tick: int) -> None:
        """The tempo from here on."""
        if self._rate > 0:
            tempo = min(round(60e6 / (self._rate * 60 / TICKS_PER_QUARTER)), SLOWEST)
            if tempo != self.tempos[-1][1]:
                self.tempos.append((max(0, tick + self._shift), tempo))


def _tokens(decided: Decoded | None) -> object:
    """What must be the same anywhere: floats differ between machines."""
    return decided and (decided.before, decided.after, decided.full)
