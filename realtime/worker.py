"""Inference on a thread of its own; ONNX Runtime lets go of the interpreter while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from presets.errors import PresetError
from realtime.events import Decoded, Request
from realtime.inbox import Inbox
from realtime.model import Model

Done = Callable[[int, Decoded | None, str], None]  # request's id, decision, or how it failed


class Worker:
    """Answers requests in order, one at a time."""

    def __init__(self, model: Model, done: Done) -> None:
        self._model, self._done = model, done
        self._inbox: Inbox[Request] = Inbox(limit=64)
        threading.Thread(target=self._work, daemon=True, name="worker").start()

    def ask(self, request: Request) -> None:
        self._inbox.put(request)

    def _work(self) -> None:
        while (request := self._inbox.take()) is not None:
            self._done(request.id, *answer(self._model, request))


def answer(model: Model, request: Request) -> tuple[Decoded | None, str]:
    """A decision, or None and a sentence: a model that fails never stops the music."""
    try:
        return model.answer(request.work), ""
    except PresetError as error:
        return None, f"a window was played as it was: {error}"
