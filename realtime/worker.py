"""Inference on a thread of its own; ONNX Runtime lets go of the interpreter while it runs."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from presets.errors import PresetError
from realtime.counters import Spread
from realtime.events import Decoded, Join, Request, Work
from realtime.inbox import Inbox
from realtime.model import Model
from realtime.state import Curve

IDLE = 0.03  # s without a request: then there is time for what is only shown

Found = tuple[Decoded | None, str, Curve | None]  # a decision, how it failed, a path
Done = Callable[[int, Decoded | None, str, Curve | None], None]  # request's id, and what was found


class End:
    """Nothing more will be asked."""


class Worker:
    """Answers requests in order, one at a time; `judged` is told how realistic the last one is,
    when nobody waits any more."""

    def __init__(self, model: Model, done: Done, judged: Callable[[float], None]) -> None:
        self._model, self._done, self._judged = model, done, judged
        self._inbox: Inbox[Request | End] = Inbox(limit=64)
        self._spent = Spread()  # s in the model, for windows; a path may take longer
        threading.Thread(target=self._work, daemon=True, name="worker").start()

    def ask(self, request: Request) -> None:
        self._inbox.put(request)

    def close(self) -> None:
        """Answer what was asked, and end."""
        self._inbox.put(End())

    def _work(self) -> None:
        last: tuple[Work, Decoded] | None = None  # not judged yet
        while True:
            asked = self._inbox.take(time.monotonic() + IDLE if last else None)
            match asked:
                case End():
                    return
                case Request():
                    last = self._answer(asked)
                case None:
                    last = self._judge(*last) if last else None

    def _answer(self, request: Request) -> tuple[Work, Decoded] | None:
        began, work = time.monotonic(), request.work
        decided, *_ = found = answer(self._model, request)
        if isinstance(work, Work):
            self._spent.add(time.monotonic() - began)
        self._done(request.id, *found)
        return (work, decided) if isinstance(work, Work) and decided else None

    def _judge(self, work: Work, decided: Decoded) -> None:
        with contextlib.suppress(PresetError):  # it is only a meter
            realism = self._model.realism(work, decided)
            if realism is not None:
                self._judged(realism)

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
