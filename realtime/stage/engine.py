"""The engine of a simulated household: session and worker's requests, without ports or threads."""

from __future__ import annotations

import math

from msgspec.structs import replace

from realtime.desk import State
from realtime.events import (
    Answer,
    Control,
    Hello,
    Moment,
    Play,
    Request,
    SessionEvent,
    ToEngine,
    ToPlayer,
    Trouble,
)
from realtime.model import Model
from realtime.session import Session
from realtime.transport import Map
from realtime.worker import Found

KEEP_EVERY = 0.25  # s between two states that are handed on


class Engine:
    """What `realtime.service` does between player, session and worker."""

    def __init__(self, model: Model, state: State, seed: int) -> None:
        self.model = model
        self.kept, self._kept_at = state, -math.inf
        self.said: list[ToPlayer] = [Hello()]
        self.asked: list[Request] = []
        self.failed = 0  # answers
        self._session = Session(model.preset.manifest, state, seed)
        self._map = Map(0.0, 0.0, 1.0, False)
        self._plans = 0

    def hear(self, told: ToEngine, now: float) -> None:
        if isinstance(told, Moment):
            self._map = Map.of(told)
        elif isinstance(told, SessionEvent):
            self._ask(told, now)

    def answered(self, id: int, found: Found, now: float) -> None:
        self._ask(Answer(self._tick(now), id, *found), now)

    def control(self, settings: tuple[tuple[str, tuple[object, ...]], ...], now: float) -> None:
        self._ask(Control(self._tick(now), settings, now), now)

    def _tick(self, now: float) -> int:
        return round(self._map.tick_at(now))

    def _ask(self, event: SessionEvent, now: float) -> None:
        for action in self._session.handle(event):
            match action:
                case Request():
                    self.asked.append(action)
                case Play():
                    self._plans += 1
                    self.said.append(replace(action, number=self._plans))
                case Trouble("model"):
                    self.failed += 1
                case _ if isinstance(action, ToPlayer):
                    self.said.append(action)
                case _:
                    pass  # nobody listens to echoes here
        if now >= self._kept_at + KEEP_EVERY:
            self.kept, self._kept_at = self._session.state, now
