"""The live session and schedule without a clock: driven by a script."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator

from realtime.events import (
    Action,
    Answer,
    Curve,
    Decoded,
    Halted,
    Join,
    Play,
    Request,
    Rolling,
    SessionEvent,
    Wake,
    Woke,
    Work,
)
from realtime.schedule import Schedule
from realtime.session import Session

Timed = tuple[int, bytes]  # tick, message


class Stage:
    """A session, the schedule it plans for, and a model to decide."""

    def __init__(
        self,
        session: Session,
        answer: Callable[[Work], Decoded],
        channel: int = 0,
        join: Callable[[Join], Curve] | None = None,
    ) -> None:
        self._session, self._answer, self._join = session, answer, join
        self._schedule = Schedule(channel)
        self._script: list[tuple[int, int, SessionEvent]] = []  # a heap: tick, order, event
        self._count = 0

    def perform(self, events: Iterable[SessionEvent], end: int) -> Iterator[Timed]:
        """Answers' messages up to `end`. Requests are answered at once, wakes come when asked."""
        for event in events:
            self._put(event)
        while self._script and self._script[0][0] <= end:
            tick, _, event = heapq.heappop(self._script)
            yield from self._before(tick)
            if isinstance(event, Rolling | Halted):
                yield from self._silence(tick)
            asked = self._tell(event)
            while asked:
                request = asked.pop(0)
                asked += self._tell(self._answered(tick, request))
        yield from self._before(end)
        yield from self._silence(end)

    def _answered(self, tick: int, request: Request) -> Answer:
        if isinstance(request.work, Work):
            return Answer(tick, request.id, self._answer(request.work))
        curve = self._join(request.work) if self._join else None
        return Answer(tick, request.id, None, curve=curve)

    def _silence(self, tick: int) -> Iterator[Timed]:
        """As the player does when the transport stops: notes are closed and plans dropped."""
        return ((tick, data) for data in self._schedule.close_all())

    def _tell(self, event: SessionEvent) -> list[Request]:
        return [a for action in self._session.handle(event) for a in self._do(action)]

    def _do(self, action: Action) -> list[Request]:
        match action:
            case Play():
                self._schedule.add(action.plan)
            case Wake():
                self._put(Woke(action.tick))
            case Request():
                return [action]
            case _:
                pass  # nobody listens to echoes here
        return []

    def _put(self, event: SessionEvent) -> None:
        self._count += 1
        heapq.heappush(self._script, (event.tick, self._count, event))

    def _before(self, tick: int) -> Iterator[Timed]:
        while (now := self._schedule.next_tick()) is not None and now < tick:
            for data in self._schedule.due(now):
                yield now, data
        self._schedule.due(tick - 1)
