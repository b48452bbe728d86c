"""The live session and schedule, driven by a script instead of a clock: what `render` plays."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator

from realtime.events import (
    Action,
    Answer,
    Decoded,
    Play,
    Request,
    SessionEvent,
    Wake,
    Woke,
    Work,
)
from realtime.schedule import Schedule
from realtime.session import Session

Timed = tuple[int, bytes]  # tick, message


class Stage:
    """A session with its schedule and a model that answers at once."""

    def __init__(
        self, session: Session, answer: Callable[[Work], Decoded], channel: int = 0
    ) -> None:
        self._session, self._answer = session, answer
        self._schedule = Schedule(channel)
        self._script: list[tuple[int, int, SessionEvent]] = []  # tick, order, event
        self._count = 0
        self._wakes = True

    def perform(
        self, events: Iterable[SessionEvent], end: int, *, wakes: bool = True
    ) -> Iterator[Timed]:
        """Answers' messages up to `end`. `wakes`: give the session the wakes it asks for; a log
        has them already."""
        self._wakes = wakes
        for event in events:
            self._put(event)
        while self._script and self._script[0][0] <= end:
            tick, _, event = heapq.heappop(self._script)
            yield from self._sent_before(tick)
            self._tell(event, tick)
        yield from self._sent_before(end)
        for data in self._schedule.close_all():
            yield end, data

    def _tell(self, event: SessionEvent, tick: int) -> None:
        requests: list[Request] = []
        for action in self._session.handle(event):
            self._do(action, requests)
        for request in requests:
            self._tell(Answer(tick, request.id, self._answer(request.work)), tick)

    def _do(self, action: Action, requests: list[Request]) -> None:
        match action:
            case Play():
                self._schedule.add(action.plan)
            case Request():
                requests.append(action)
            case Wake() if self._wakes:
                self._put(Woke(action.tick))
            case _:
                pass  # nobody listens to echoes here

    def _put(self, event: SessionEvent) -> None:
        self._count += 1
        heapq.heappush(self._script, (event.tick, self._count, event))

    def _sent_before(self, tick: int) -> Iterator[Timed]:
        while (now := self._schedule.next_tick()) is not None and now < tick:
            for data in self._schedule.due(now):
                yield now, data
        self._schedule.due(tick - 1)
