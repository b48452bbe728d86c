"""Inference on a thread of its own; ONNX Runtime lets go of the interpreter while it runs."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from presets.errors import PresetError
from realtime.counters import Spread
from realtime.events import Decoded, Join, Look, Placed, Request, Work
from realtime.inbox import Inbox
from realtime.model import Model
from realtime.state import Curve

IDLE = 0.03  # s without a request: then there is time for a meter
AFTER = 0.005  # s from an answer, whose plan is to be on its way, to where it lies on the maps
BETWEEN = 0.03  # s between two tellings of that, while a knob is swept

Found = tuple[Decoded | None, str, Curve | None]  # a decision, how it failed, a path
Shown = Callable[[float | Placed], None]  # how realistic the last answer is, where it lies
Done = Callable[[int, Decoded | None, str, Curve | None], None]  # request's id, and what was found


class End:
    """Nothing more will be asked."""


class Worker:
    """Answers requests in order, one at a time; `shown` is told, after the answer, where it lies on
    the maps, and how realistic it is when nobody waits any more."""

    def __init__(self, model: Model, done: Done, shown: Shown) -> None:
        self._model, self._done, self._shown = model, done, shown
        self._inbox: Inbox[Request | Look | End] = Inbox(limit=64)
        self._place_at: float | None = None  # when the last answer is to be placed; None: it is
        self._placed = 0.0  # when one was
        self._judge_at: float | None = None  # when the last answer is to be judged
        self._last: tuple[Work, Decoded] | None = None
        self._spent = Spread()  # s in the model, for windows; a path may take longer
        threading.Thread(target=self._work, daemon=True, name="worker").start()

    def ask(self, request: Request | Look) -> None:
        self._inbox.put(request)

    def close(self) -> None:
        """Answer what was asked, and end."""
        self._inbox.put(End())

    def _work(self) -> None:
        while True:
            whens = [when for when in (self._place_at, self._judge_at) if when is not None]
            match asked := self._inbox.take(min(whens, default=None)):
                case End():
                    return
                case Request():
                    self._answer(asked)
                case Look():
                    self._place(asked.tokens)
                case None:
                    self._judge(time.monotonic())
            if self._place_at and time.monotonic() >= self._place_at:
                self._place()

    def _answer(self, request: Request) -> None:
        began, work = time.monotonic(), request.work
        decided, *_ = found = answer(self._model, request)
        if isinstance(work, Work):
            self._spent.add(time.monotonic() - began)
        self._done(request.id, *found)
        self._judge_at = None
        if isinstance(work, Work) and decided:
            now, self._last = time.monotonic(), (work, decided)
            self._judge_at = now + IDLE
            self._place_at = self._place_at or max(now + AFTER, self._placed + BETWEEN)

    def _place(self, tokens: tuple[int, ...] = ()) -> None:
        """Tell where the last answer lies, or a window that nothing moves."""
        self._place_at, self._placed = None, time.monotonic()
        with contextlib.suppress(PresetError):  # it is only a picture
            if places := self._model.places(tokens):
                self._shown(Placed(places))

    def _judge(self, now: float) -> None:
        if not self._last or not self._judge_at or now < self._judge_at:
            return
        self._judge_at = None
        with contextlib.suppress(PresetError):  # it is only a meter
            realism = self._model.realism(*self._last)
            if realism is not None:
                self._shown(realism)

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
