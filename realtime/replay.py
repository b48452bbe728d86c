"""A performance's log played anew: the session is told the same again, and a schedule gets what it
plans at the cues that the player gave then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from presets.errors import GlissarError
from realtime.events import (
    Action,
    Answer,
    Cue,
    Decoded,
    Moment,
    Offer,
    Play,
    Report,
    Request,
    Swapped,
    Work,
)
from realtime.log import Gap, Logged, Take
from realtime.model import Model
from realtime.session import Session
from realtime.tape import Tape, Timed
from realtime.worker import answer

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
        settings = first.header.settings
        self.tape = Tape(settings.transport.tempo, settings.midi.answer_channel - 1)
        self.told = 0  # events
        self.decisions = 0
        self.otherwise = 0  # decisions that the model makes otherwise here
        self.lost = 0  # lines that the log lacks
        self._find = find

    @property
    def played(self) -> list[Timed]:
        return self.tape.played

    @property
    def heard(self) -> list[Timed]:
        """On the answers' channel."""
        return self.tape.heard

    @property
    def tempos(self) -> list[tuple[int, int]]:
        """(tick, microseconds a quarter note)."""
        return self.tape.tempos

    def play(self, take: Take) -> None:
        """One engine's part."""
        header = take.header
        self._model = self._next = self._read(
            header.state.preset or header.settings.preset, header.sha256
        )
        manifest = self._model.preset.manifest
        self._session = Session(manifest, header.state, header.settings.seed)
        self.tape.begin(header.cued)
        self._plans = 0
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
        self.tape.catch_up()
        if closed:
            self.tape.end()

    def _hear(self, line: Logged) -> None:
        match line:
            case Cue():
                self.tape.cue(line)
            case Moment():
                self.tape.moment(line)
            case Gap():
                self.lost += line.lines
            case Offer():
                self._next = self._read(line.preset, line.sha256)
                self._do(self._session.offer(self._next.preset.manifest, line.preset))
            case Report():
                pass  # how well it went then
            case _:
                self.told += 1
                self.tape.event(line)
                self._do(self._session.handle(line))

    def _do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Play():
                    self._plans += 1
                    self.tape.plan(self._plans, action.plan)
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


def _tokens(decided: Decoded | None) -> object:
    """What must be the same anywhere: floats differ between machines."""
    return decided and (decided.before, decided.after, decided.full)
