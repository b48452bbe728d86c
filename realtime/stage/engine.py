"""The engine of a simulated household: session, models and requests, without ports or threads."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable
from itertools import count

from msgspec.structs import replace

from realtime.events import (
    Action,
    Answer,
    Control,
    Decoded,
    Fetch,
    Hello,
    Load,
    Look,
    Moment,
    Play,
    Recalled,
    Request,
    SessionEvent,
    Store,
    Swapped,
    ToEngine,
    ToPlayer,
    Trouble,
)
from realtime.keeping import Keeping
from realtime.loader import Loaded
from realtime.model import Model
from realtime.models import Models
from realtime.session import Session
from realtime.stage.disk import Disk
from realtime.state import Curve, State
from realtime.transport import Map
from realtime.worker import Done, Shown


class Engine:
    """What `realtime.service` does between player, session, workers and loader."""

    def __init__(self, disk: Disk, state: State, seed: int) -> None:
        self.model = disk.model(state)
        self.said: list[ToPlayer] = [Hello()]
        self.failed = self.swaps = self.rolled_back = 0
        self._disk, self._now = disk, 0.0
        # (when something is ready, a number that keeps the order, what to do then)
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        name = state.preset or self.model.preset.name
        self._models = Models(name, self.model, self._answered, print, self._hire)
        self._session = Session(self.model.preset.manifest, state, seed)
        self._map = Map(0.0, 0.0, 1.0, False)
        self._keeping = Keeping(state)
        self._plans = 0

    def hear(self, told: ToEngine, now: float) -> None:
        self._now = now
        if isinstance(told, Moment):
            self._map = Map.of(told)
        elif isinstance(told, SessionEvent):
            self._ask(told)

    def control(self, settings: tuple[tuple[str, tuple[object, ...]], ...], now: float) -> None:
        self._now = now
        self._ask(Control(self._tick, settings, now))

    @property
    def kept(self) -> State:
        """What the next engine is to begin with."""
        return self._keeping.kept

    @property
    def due(self) -> float:
        """When the next answer or preset is ready."""
        return self._later[0][0] if self._later else math.inf

    def catch_up(self, now: float) -> None:
        """Take in what is ready."""
        self._now = now
        while self.due <= now:
            heapq.heappop(self._later)[2]()

    def at(self, when: float, deed: Callable[[], None]) -> None:
        heapq.heappush(self._later, (when, next(self._numbers), deed))

    @property
    def now(self) -> float:
        return self._now

    @property
    def _tick(self) -> int:
        return round(self._map.tick_at(self._now))

    def _hire(self, model: Model, done: Done, _: Shown) -> Worker:
        return Worker(self, self._disk, model, done)

    def _answered(
        self, id: int, decoded: Decoded | None, sentence: str, curve: Curve | None
    ) -> None:
        answer = Answer(self._tick, id, decoded, sentence, curve)
        self._ask(answer)
        before = self._models.judge(answer)
        if before:
            self.rolled_back += 1
            self._offer(before)

    def _load(self, name: str) -> None:
        """It plays on where there is no such preset."""
        loaded = self._disk.load(name)
        if loaded.model:
            self._offer(loaded)

    def _offer(self, loaded: Loaded) -> None:
        assert loaded.model
        self._models.offer(loaded)
        self._do(self._session.offer(loaded.model.preset.manifest, loaded.name))

    def _swap(self) -> None:
        model = self._models.swap().model
        assert model
        self.model = model
        self.swaps += 1

    def _fetch(self, wish: Fetch) -> None:
        if state := self._disk.fetch(wish):
            recalled = Recalled(self._tick, state, wish.bars, self._now)
            self.at(self._now, lambda: self._ask(recalled))

    def _ask(self, event: SessionEvent) -> None:
        self._do(self._session.handle(event))
        self._keeping.keeps(self._session.state, self._now)

    def _do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Request():
                    self._models.ask(action)
                case Load(preset):
                    self.at(self._now + self._disk.loading(), lambda name=preset: self._load(name))
                case Swapped():
                    self._swap()
                case Store(name):
                    self._disk.snapshots[name] = self._session.state
                case Fetch():
                    self._fetch(action)
                case Play():
                    self._plans += 1
                    self.said.append(replace(action, number=self._plans))
                case Trouble("model"):
                    self.failed += 1
                case _ if isinstance(action, ToPlayer):
                    self.said.append(action)
                case _:
                    pass  # nobody listens to echoes here


class Worker:
    """Finds an answer at once, and gives it when it would be ready: one after another. One that
    is closed still gives what it was asked, beside the next one."""

    def __init__(self, engine: Engine, disk: Disk, model: Model, done: Done) -> None:
        self._engine, self._disk, self._model, self._done = engine, disk, model, done
        self._free = 0.0

    def ask(self, request: Request | Look) -> None:
        if isinstance(request, Look):
            return  # nobody looks
        found, took = self._disk.answer(self._model, request)
        self._free = max(self._free, self._engine.now) + took
        self._engine.at(self._free, lambda: self._done(request.id, *found))

    def close(self) -> None:
        pass

    def counts(self) -> dict[str, float]:
        return {"dropped": 0.0}
