"""Another preset, opened and warmed beside the one that plays, on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from presets.bar import Meter
from presets.errors import PresetError
from presets.preset import read_named
from realtime.inbox import Inbox
from realtime.model import Model, load


class Loaded(NamedTuple):
    """What a person calls it, and the model; or why there is none, in a sentence."""

    name: str
    model: Model | None
    sentence: str = ""


class Loader:
    """`done` is called on the loader's thread. Of several asked for meanwhile one is loaded, the
    last."""

    def __init__(
        self,
        provider: str,
        meter: Meter,
        say: Callable[[str], None],
        done: Callable[[Loaded], None],
    ) -> None:
        self._provider, self._meter = provider, meter
        self._say, self._done = say, done
        self._inbox: Inbox[str] = Inbox(limit=64)
        threading.Thread(target=self._work, daemon=True, name="loader").start()

    def ask(self, name: str) -> None:
        self._inbox.put(name)

    def _work(self) -> None:
        while (name := self._inbox.take()) is not None:
            while (later := self._inbox.take(until=0.0)) is not None:
                name = later
            self._done(self._load(name))

    def _load(self, name: str) -> Loaded:
        try:
            preset = read_named(name)
            if preset.manifest.meter != self._meter:
                raise PresetError(
                    f"{name} is in {preset.manifest.meter} and the song in {self._meter}; start "
                    f"glissar with --preset {name} for that."
                )
            model = load(preset, self._provider, self._say)
            model.verify()
        except PresetError as error:
            return Loaded(name, None, str(error))
        return Loaded(name, model)
