"""The desk: the choices a performer has made, and the controls that change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec.structs import replace

from presets.constraint import REALISM
from presets.errors import GlissarError
from presets.manifest import Manifest
from presets.rules import Menu
from realtime import controls, events, swap, telling
from realtime.choices import ON
from realtime.events import Action, Echo, Trouble
from realtime.glide import Glide
from realtime.history import History, chosen_as
from realtime.state import Curve, State, Taken
from realtime.states import is_at
from realtime.tap import Tap
from realtime.traversals.slide import engaged

CHOICES = ("mode", "edit", "delay", "variation", "every", "way", "morph")
STEPS = {"undo": History.undo, "redo": History.redo}
LONG = 80  # characters of a foreign address that a sentence repeats


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
        free: Sequence[str] = (),
    ) -> None:
        self.preset, self.knobs, self._free = preset, list(knobs), list(free)
        self.state = state
        self._menus, self._constraints = [menu.name for menu in menus], list(constraints)
        self._table = controls.table(knobs, menus, constraints, free)
        self._missing = missing or {}
        self._tap = Tap()

        self._history = History()
        self._glide: Glide | None = None
        self._fit: Callable[[State], State] = lambda state: state

    @staticmethod
    def of(manifest: Manifest, state: State, history: History, missing: Mapping[str, str]) -> Desk:
        """For a preset, and with what was set before it came."""
        constraints = [constraint.name for constraint in manifest.constraints]
        menus, free = manifest.menus, list(manifest.free)
        desk = Desk(manifest.name, manifest.knobs, state, menus, constraints, missing, free)
        desk._history = history
        desk._fit = lambda past: swap.fitted(past, manifest, past.preset)
        return desk

    @property
    def moves(self) -> bool:
        """Whether anything is engaged: if not, the answer is the played window, event for event."""
        state = self.state
        free = state.edit == "full" or state.variation > 0
        turned = chain(state.knobs.values(), state.free.values())
        return free or bool(state.choices) or any(map(engaged, turned))

    def remember(self, taken: Taken) -> None:
        self.state = replace(self.state, last=taken)

    def capture(self, end: str, time: float = 0.0) -> None:
        """The last window becomes an end of a morph, "a" or "b"; another one has another path."""
        if self.state.last != getattr(self.state, end):
            before = self.state
            self._change(**{end: self.state.last, "curve": None})
            self._history.note(before, self.state, end, time)

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
        before, name = self.state, address.removeprefix(f"{controls.ROOT}/")
        if name in STEPS:
            yield from self._step(name, args)
        elif name.startswith("snapshot/"):
            yield from self._snapshot(name, args, value, second)
        elif name.startswith("transport/"):
            yield from self._transport(address, args, value, second, time)
        elif name.startswith("cc/"):  # the map is the engine's, as snapshots are
            yield (events.Learn if name == "cc/learn" else events.Forget)(str(value))
        else:
            yield from self._choose(address, name, value)
        if self.state != before:
            self._glide = None
            if name not in STEPS:
                self._history.note(before, self.state, _hand(address), time)

    def _choose(self, address: str, name: str, value: Any) -> Iterator[Action]:
        if name.startswith(("knob/", "free/")):
            yield from self._turn(name, value)
        elif name.startswith("constrain/"):
            yield from self._constrain(name, value)
        elif name == controls.GUARD:
            yield from self._guard(address, value)
        elif name in CHOICES:
            self._change(**{name: value})
            yield Echo(address, (value,))
        elif name == "query":
            yield from self._tell(str(value))
        else:
            yield from self._pass_on(address, name, value)

    def _turn(self, name: str, value: controls.Value) -> Iterator[Action]:
        group, knob, *reading = name.split("/")
        assert isinstance(value, int | float)
        turned = (reading[0] if reading else "offset", float(value))
        if group == "free":
            self._change(free={**self.state.free, knob: turned})
        else:
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

    def _transport(
        self, address: str, args: tuple[Any, ...], value: Any, beats: float, time: float
    ) -> Iterator[Action]:
        """The song, unless it is a clock's."""
        if address.endswith("/source") and value in self._missing:
            yield Trouble(str(value), self._missing[value])
            yield Echo(address, (self.state.source,))
        elif address.endswith("/source"):
            self._change(source=value)
            yield events.SetSource(value)
            yield Echo(address, (value,))
        elif address.endswith("/tap") and controls.let_go(args):
            return
        elif self.state.source == "clock":
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

    # --- what was set before ----------------------------------------------------------------------

    @property
    def gliding(self) -> bool:
        """Whether a snapshot is on its way."""
        return self._glide is not None

    def recall(self, state: State, time: float) -> Iterator[Action]:
        """Be set as the snapshot says."""
        self._glide = None
        wanted = self._fit(chosen_as(state, self.state))
        self._history.note(self.state, wanted, "", time)
        yield from self._restore(wanted)

    def glide_to(self, state: State, start: int, end: int, time: float) -> None:
        """Go there between two ticks, in the steps that `glide` takes."""
        wanted = self._fit(chosen_as(state, self.state))
        self._history.note(self.state, wanted, "", time)
        self._glide = Glide(self.state, wanted, start, end)

    def glide(self, tick: int) -> Iterator[Action]:
        if self._glide:
            yield from self._restore(self._fit(self._glide.at(tick, self.state)))
            if tick >= self._glide.end:
                self._glide = None

    def _step(self, name: str, args: tuple[Any, ...]) -> Iterator[Action]:
        if controls.let_go(args):
            return
        found = STEPS[name](self._history, self.state)
        if found is None:
            yield Trouble("history", f"there is nothing to {name}.")
        else:
            yield from self._restore(self._fit(found))

    def _snapshot(
        self, name: str, args: tuple[Any, ...], value: Any, bars: float
    ) -> Iterator[Action]:
        """They are kept by the engine: a session reads no files."""
        match name:
            case "snapshot/save":
                yield events.Store(value)
            case "snapshot/recall":
                yield events.Fetch(value, bars)
            case _:
                yield events.Fetch(args[0], 0.0, args[1], value)

    def _restore(self, state: State) -> Iterator[Echo]:
        """Tell what is another then."""
        before, self.state = self._known(), state
        for name, value in self._known().items():
            if before.get(name) != value:
                yield Echo(f"{controls.ROOT}/{name}", (value,))

    # --- others -----------------------------------------------------------------------------------

    def _pass_on(self, address: str, name: str, value: Any) -> Iterator[Action]:
        """Controls that belong to others: the player, and who has the presets."""
        match name:
            case "preset/load":
                yield events.Load(str(value))
                return
            case "record":
                yield events.Record(bool(value))
                return
            case "thru":
                self._change(thru=bool(value))
                yield events.SetThru(bool(value))
            case _:
                yield events.Panic(every_key=name == "panic/all")
                return
        yield Echo(address, (value,))

    def tell_all(self) -> Iterator[Echo]:
        """Everything that is set, for surfaces that knew another preset."""
        for name, value in self._known().items():
            yield Echo(f"{controls.ROOT}/{name}", (value,))

    def _tell(self, address: str) -> Iterator[Action]:
        """The value of an address and of all beneath it, as far as the session knows them."""
        values = {f"{controls.ROOT}/{name}": value for name, value in self._known().items()}
        asked = [row for row in self._table if is_at(row, address)]
        told = [row for row in asked if row in values]
        yield from (Echo(row, (values[row],)) for row in told)
        if not told and asked in ([], [address]):  # of what lies beneath, nothing need be known
            yield Trouble("unknown-address", f"nothing is known of {address[:LONG]}.")

    def _known(self) -> dict[str, float | str]:
        rest = self._menus, self._constraints, self._free
        return telling.settings(self.state, self.preset, self.knobs, *rest)

    def _change(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)


def _hand(address: str) -> str:
    """What a sweep is of: a dot that is dragged on a map turns a knob and what lies across it."""
    return address.replace(f"{controls.ROOT}/free/", f"{controls.ROOT}/knob/")
