"""The model that answers, the one that waits for its line, and the one to fall back on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from realtime.events import Answer, Look, Request, Work
from realtime.loader import Loaded
from realtime.model import Model
from realtime.worker import Done, Shown, Worker


class Working(Protocol):
    """A worker, or what stands for one where there is no clock."""

    def ask(self, request: Request | Look) -> None: ...
    def close(self) -> None: ...
    def counts(self) -> dict[str, float]: ...


class Models:
    """A preset that was swapped in is on trial until its first answer."""

    def __init__(
        self,
        name: str,
        model: Model,
        answered: Done,
        shown: Shown,
        hire: Callable[[Model, Done, Shown], Working] = Worker,
    ) -> None:
        """`name` is what a person calls the preset."""
        self._hire: Callable[[Model], Working] = lambda model: hire(model, answered, shown)
        self._now = Loaded(name, model)
        self._worker = self._hire(model)
        self._next: Loaded | None = None
        self._before: Loaded | None = None
        self._dropped = 0.0  # by workers that were closed
        self._trial = 0  # the first window asked of the preset on trial; 0: none yet

    def ask(self, request: Request | Look) -> None:
        match request:
            case Request(work=Work()) if self._before and not self._trial:
                self._trial = request.id
            case _:
                pass
        self._worker.ask(request)

    def counts(self) -> dict[str, float]:
        counts = self._worker.counts()
        return {**counts, "dropped": counts["dropped"] + self._dropped}

    def offer(self, loaded: Loaded) -> None:
        self._next = loaded

    def swap(self) -> Loaded:
        """From here on the one that was offered last answers."""
        assert self._next
        assert self._next.model
        self._dropped += self._worker.counts()["dropped"]
        self._worker.close()
        self._worker = self._hire(self._next.model)
        self._before, self._now, self._next = self._now, self._next, None
        self._trial = 0
        return self._now

    def judge(self, answer: Answer) -> Loaded | None:
        """The preset to go back to, where the one on trial could not give its first answer."""
        if not self._trial or answer.id != self._trial:
            return None
        before, self._before, self._trial = self._before, None, 0
        return before if answer.decoded is None else None
