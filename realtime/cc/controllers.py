"""The controllers of a performance: what they turn, what is learnt and kept.

It belongs to the engine's thread and reads no clock; times are monotonic seconds. To the engine it
is a surface, as OSC and the panel are: what it hears is set by addresses, and so it is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf

from realtime.cc.file import MapFile, path_of
from realtime.cc.learner import PATIENCE, Learner
from realtime.cc.mapping import can_be_turned
from realtime.cc.turning import Turning
from realtime.controls import ROOT, Address
from realtime.events import Claim, Feed, Forget, Learn, ToPlayer, Trouble, Turned
from realtime.keys import PROGRAM
from realtime.ports.osc import Heard
from realtime.settings import ControllerSettings
from realtime.surfaces import Arguments

LONG = 80  # characters of a foreign address that a sentence repeats


class Controllers:
    """`say` speaks to the player, `tell` to every surface, by an address after the root. `fault` is
    told what a person should read, perhaps on another thread."""

    def __init__(
        self,
        settings: ControllerSettings,
        table: Mapping[str, Address],
        say: Callable[[ToPlayer], None],
        tell: Callable[..., None],
        fault: Callable[[Trouble], None],
    ) -> None:
        self._table, self._say, self._tell, self._fault = table, say, tell, fault
        self._file = MapFile(path_of(settings.map), self._fail)
        self._map = self._file.read()
        self._turning = Turning(settings.takeover == "pickup", bool(settings.output))
        self._turning.fit(self._map.controllers, table)
        self._learner = Learner()
        self._presets: tuple[str, ...] = ()
        self._preset = ""  # that was chosen and is to be loaded
        self._stamp = 0.0  # when the last one came

    def begin(self) -> None:
        """Say what is mapped."""
        self._say_state()

    def close(self) -> None:
        self._file.close()

    def show(self, table: Mapping[str, Address]) -> None:
        """Another preset's addresses."""
        self._table = table
        self._turning.fit(self._map.controllers, table)

    def counts(self) -> dict[str, float]:
        return {"cc_echoes": self._turning.echoes}

    @property
    def next(self) -> float | None:
        """When `act` has something to do, if nothing comes before; None: not by itself."""
        until = self._learner.until if self._learner.address else inf
        when = min(self._turning.next, until, 0.0 if self._preset else inf)
        return None if when == inf else when

    def hear(self, turned: Turned, now: float) -> None:
        """A controller was turned, or a program chosen."""
        status, number, *value = turned.data
        key = status & 0x0F, number
        self._stamp = turned.time
        if status & 0xF0 == PROGRAM:
            self._choose(number)
        elif self._learner.address:
            self._hear_learning(key, value[0])
        else:
            self._turning.hear(key, value[0], now)

    def echo(self, address: str, args: Arguments) -> None:
        """A control has another value."""
        if address == f"{ROOT}/preset/entries":
            self._presets = tuple(map(str, args))
        self._turning.told(address, args)

    def act(self, now: float) -> Heard | None:
        """What is to be set now; and the controllers are told what they should show."""
        if self._learner.address and now >= self._learner.until:
            self._learn("", now)
        if messages := self._turning.feed(now):
            self._say(Feed(tuple(messages)))
        settings = self._turning.settings(now)
        if self._preset:
            settings[f"{ROOT}/preset/load"] = (self._preset,)
            self._preset = ""
        self._tell("cc/waiting", *self._turning.waiting)
        return Heard(self._stamp, tuple(settings.items())) if settings else None

    def _choose(self, number: int) -> None:
        self._preset = self._map.program(number, self._presets) or ""
        if not self._preset:
            self._fail(f"no preset is program {number + 1}; see programs in the map.")

    # --- the map ----------------------------------------------------------------------------------

    def do(self, action: Learn | Forget, now: float) -> None:
        """What a person wants of the map."""
        if isinstance(action, Learn):
            self._learn(action.address, now)
        elif action.address in self._map.addresses:
            self._map = self._map.forget(action.address)
            self._keep()
        else:
            self._fail(f"no controller turns {action.address[:LONG]}.")

    def _learn(self, address: str, now: float) -> None:
        row = self._table.get(address)
        if address and not can_be_turned(row):
            self._fail(
                f"no controller can turn {address[:LONG]}; learn a number, a menu or a trigger."
            )
            return
        button = row is not None and row.kind == "trigger"
        self._learner = Learner(address, button, now + PATIENCE)
        self._say_state()

    def _hear_learning(self, key: tuple[int, int], number: int) -> None:
        self._learner, binding = self._learner.hear(key, number)
        if binding:
            self._map = self._map.bound(binding)
            self._keep()

    def _keep(self) -> None:
        self._turning.fit(self._map.controllers, self._table)
        self._file.save(self._map)
        self._say_state()

    def _say_state(self) -> None:
        self._say(Claim(tuple(self._map.keys), bool(self._learner.address)))
        self._tell("cc/entries", *sorted(map(str, self._map.controllers)))
        self._tell("cc/learning", self._learner.address)

    def _fail(self, sentence: str) -> None:
        self._fault(Trouble("cc", sentence))
