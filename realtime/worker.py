"""Inference on a thread of its own; ONNX Runtime lets go of the interpreter while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from presets.errors import PresetError
from realtime.counters import Spread
from realtime.events import Decoded, Join, Request, Work
from realtime.inbox import Inbox
from realtime.model import Model
from realtime.state import Curve

Found = tuple[Decoded | None, str, Curve | None]  # a decision, how it failed, a path
Done = Callable[[int, Decoded | None, str, Curve | None], None]  # request's id, and what was found


class Worker:
    """Answers requests in order, one at a time."""

    def __init__(self, model: Model, done: Done) -> None:
        self._model, self._done = model, done
        self._inbox: Inbox[Request | None] = Inbox(limit=64)
        self._spent = Spread()  # s in the model, for windows; a path may take longer
        threading.Thread(target=self._work, daemon=True, name="worker").start()

    def ask(self, request: Request) -> None:
        self._inbox.put(request)

    def close(self) -> None:
        """Answer what was asked, and end."""
        self._inbox.put(None)

    def _work(self) -> None:
        while (request := self._inbox.take()) is not None:
            began = time.monotonic()
            found = answer(self._model, request)
            if isinstance(request.work, Work):
                self._spent.add(time.monotonic() - began)
            self._done(request.id, *found)

    def counts(self) -> dict[str, float]:
        """As /glissar/state/… tells them."""
        median, slow = self._spent.at(50, 99)
        return {
            "inference_p50": median,
            "inference_p99": slow,
            "queue_worker": self._inbox.deepest(),
            "dropped": self._inbox.dropped,
        }


def answer(model: Model, request: Request) -> Found:
    """What is asked for, or a sentence: a model that fails never stops the music."""
    work = request.work
    try:
        if isinstance(work, Join):
            return None, "", model.join(work)
        return model.answer(work), "", None
    except PresetError as error:
        failed = "a morph goes straight" if isinstance(work, Join) else "a window stays as played"
        return None, f"{failed}: {error}", None
