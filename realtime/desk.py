"""The desk: the choices a performer has made, and the controls that change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from presets.constraint import REALISM
from presets.errors import GlissarError
from presets.rules import Menu
from realtime import controls, events
from realtime.choices import ON
from realtime.events import Action, Curve, Echo, Trouble
from realtime.recorder import Taken
from realtime.tap import Tap
from realtime.traversals.slide import Knob, engaged

NEUTRAL: Knob = ("offset", 0.0)
LONG = 80  # characters of a foreign address that a sentence repeats


class State(Struct, frozen=True):
    """What outlives an engine: a performer's choices, and the window that loops."""

    knobs: dict[str, Knob] = {}
    mode: str = "follow"
    edit: str = "residual"
    variation: float = 0.0
    delay: int = 1
    every: int = 1
    thru: bool = True
    source: str = "internal"
    last: Taken | None = None
    choices: dict[str, str] = {}  # menu of a constraint -> what must hold
    amounts: dict[str, float] = {}  # constraint -> how far to go for it; 1 where none is given
    way: str = "actor"
    morph: float = 0.0  # from a to b
    a: Taken | None = None
    b: Taken | None = None
    curve: Curve | None = None  # between them


class Desk:
    """Addresses in, a new `state` and what to do about it out.

    `missing` says, of sources that cannot be had here, in a sentence why.
    """

    def __init__(
        self,
        preset: str,
        knobs: Sequence[str],
        state: State,
        menus: Sequence[Menu] = (),
        constraints: Sequence[str] = (),
        missing: Mapping[str, str] | None = None,
    ) -> None:
        self.preset, self.knobs = preset, list(knobs)
        self.state = state
        self._menus, self._constraints = [menu.name for menu in menus], list(constraints)
        self._table = controls.table(knobs, menus, constraints)
        self._missing = missing or {}
        self._tap = Tap()

    @property
    def moves(self) -> bool:
        """Whether anything is engaged: if not, the answer is the played window, event for event."""
        state = self.state
        free = state.edit == "full" or state.variation > 0
        return free or bool(state.choices) or any(map(engaged, state.knobs.values()))

    def remember(self, taken: Taken) -> None:
        self.state = replace(self.state, last=taken)

    def capture(self, end: str) -> None:
        """The last window becomes an end of a morph, "a" or "b"; another one has another path."""
        if self.state.last != getattr(self.state, end):
            self._change(**{end: self.state.last, "curve": None})

    def found(self, curve: Curve) -> None:
        """The way from a to b."""
        self.state = replace(self.state, curve=curve)

    def set(self, address: str, args: tuple[Any, ...], time: float = 0.0) -> Iterator[Action]:
        """`time` is when it came, in monotonic seconds."""
        row = self._table.get(address)
        if row is None:
            yield Trouble("unknown-address", f"there is no control {address[:LONG]}.")
            return
        try:
            value, second = row.read(args), row.read_second(args)
        except GlissarError as error:
            yield Trouble("bad-value", str(error))
            return
        name = address.removeprefix(f"{controls.ROOT}/")
        if name.startswith("knob/"):
            yield from self._turn(name, value)
        elif name.startswith("constrain/"):
            yield from self._constrain(name, value)
        elif name == controls.GUARD:
            yield from self._guard(address, value)
        elif name in ("mode", "edit", "delay", "variation", "every", "way", "morph"):
            self._change(**{name: value})
            yield Echo(address, (value,))
        elif name == "query":
            yield from self._tell(str(value))
        elif name == "transport/tap" and controls.let_go(args):
            return
        elif name in ("transport/play", "transport/tempo", "transport/tap"):
            yield from self._transport(address, value, second, time)
        else:
            yield from self._pass_on(address, name, value)

    def _turn(self, name: str, value: controls.Value) -> Iterator[Action]:
        _, knob, *reading = name.split("/")
        assert isinstance(value, int | float)
        turned = (reading[0] if reading else "offset", float(value))
        self._change(knobs={**self.state.knobs, knob: turned})
        yield Echo(f"{controls.ROOT}/{name}", (float(value),))

    def _constrain(self, name: str, value: controls.Value) -> Iterator[Action]:
        _, of, *rest = name.split("/")
        if rest:
            self._change(amounts={**self.state.amounts, of: value})
        else:
            left = {menu: entry for menu, entry in self.state.choices.items() if menu != of}
            self._change(choices=left if value == controls.OFF else {**left, of: value})
        yield Echo(f"{controls.ROOT}/{name}", (value,))

    def _guard(self, address: str, amount: controls.Value) -> Iterator[Action]:
        """Realism is a constraint that is on as far as it is turned up."""
        left = {menu: entry for menu, entry in self.state.choices.items() if menu != REALISM}
        self._change(
            choices={**left, REALISM: ON} if amount else left,
            amounts={**self.state.amounts, REALISM: amount},
        )
        yield Echo(address, (amount,))

    def _transport(self, address: str, value: Any, beats: float, time: float) -> Iterator[Action]:
        """The song, unless it is a clock's."""
        if self.state.source == "clock":
            yield Trouble(
                "clock",
                f"{address} is up to the clock that is followed; "
                f"set {controls.ROOT}/transport/source to internal first.",
            )
        elif address.endswith("/play"):
            yield events.Roll() if value else events.Halt()
            yield Echo(address, (value,))
        elif address.endswith("/tempo"):
            yield events.SetTempo(value, beats)
            yield Echo(address, (value, beats) if beats else (value,))
        elif bpm := self._tap.hit(time):
            yield from self.set(f"{controls.ROOT}/transport/tempo", (bpm,))

    def _pass_on(self, address: str, name: str, value: Any) -> Iterator[Action]:
        """Controls that belong to the player."""
        match name:
            case "thru":
                self._change(thru=bool(value))
                yield events.SetThru(bool(value))
            case "transport/source" if value in self._missing:
                yield Trouble(str(value), self._missing[value])
                yield Echo(address, (self.state.source,))
                return
            case "transport/source":
                self._change(source=value)
                yield events.SetSource(value)
            case _:
                yield events.Panic(every_key=name == "panic/all")
                return
        yield Echo(address, (value,))

    def _tell(self, address: str) -> Iterator[Action]:
        """The value of an address, as far as the session knows it."""
        name = address.removeprefix(f"{controls.ROOT}/")
        known: dict[str, float | str] = {
            "preset/name": self.preset,
            "mode": self.state.mode,
            "edit": self.state.edit,
            "delay": self.state.delay,
            "variation": self.state.variation,
            "every": self.state.every,
            "morph": self.state.morph,
            "thru": int(self.state.thru),
            "transport/source": self.state.source,
        }
        for knob in self.knobs:
            reading, number = self.state.knobs.get(knob, NEUTRAL)
            known[f"knob/{knob}" + ("" if reading == "offset" else f"/{reading}")] = number
        if self._constraints:
            known["way"] = self.state.way
        for menu in self._menus:
            known[f"constrain/{menu}"] = self.state.choices.get(menu, controls.OFF)
        for name_ in self._constraints:
            known[f"constrain/{name_}/amount"] = self.state.amounts.get(name_, 1.0)
        if REALISM in self._constraints:
            on = REALISM in self.state.choices
            known[controls.GUARD] = self.state.amounts.get(REALISM, 1.0) if on else 0.0
        if name in known:
            yield Echo(f"{controls.ROOT}/{name}", (known[name],))
        else:
            yield Trouble("unknown-address", f"nothing is known of {address[:LONG]}.")

    def _change(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
