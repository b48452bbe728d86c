"""What outlives an engine of a simulated household: presets and snapshots, and how fast it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from realtime.events import Fetch, Request
from realtime.glide import blend
from realtime.loader import Loaded
from realtime.model import Model
from realtime.state import State
from realtime.swap import fitted
from realtime.worker import Found, answer

Took = Callable[[float], float]  # s that an answer took the model -> s that it is to take


@dataclass
class Disk:
    """`took` says how long an answer is to take that took the real model so many seconds, `loading`
    how long a preset takes to be ready; `fails` is asked of every answer whether it does."""

    own: Model  # of the preset that is set
    others: Mapping[str, Model]  # by the names that a person calls them
    took: Took
    loading: Callable[[], float] = lambda: 0.4
    fails: Callable[[], bool] = lambda: False
    snapshots: dict[str, State] = field(default_factory=dict[str, State])

    def model(self, state: State) -> Model:
        """What plays with this state."""
        return self.others[state.preset] if state.preset else self.own

    def without(self, state: State) -> State:
        """The state for an engine that does not find the preset played last any more."""
        return fitted(state, self.own.preset.manifest, "") if state.preset else state

    def load(self, name: str) -> Loaded:
        return Loaded(name, self.others.get(name))

    def answer(self, model: Model, request: Request) -> tuple[Found, float]:
        """And the seconds it is to take."""
        began = time.perf_counter()
        found = answer(model, request)
        took = self.took(time.perf_counter() - began)
        return (None, "it failed", None) if self.fails() else found, took

    def fetch(self, wish: Fetch) -> State | None:
        """The snapshot, or what lies between two; None where one is missing."""
        names = wish.name, wish.other or wish.name
        if any(name not in self.snapshots for name in names):
            return None
        first, last = (self.snapshots[name] for name in names)
        return blend(first, last, wish.place)
