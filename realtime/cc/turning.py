"""The knobs of a controller at work: what they say becomes settings, and what is set they are told.

It reads no clock; times are monotonic seconds. Of a flood the latest counts, either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import NamedTuple

from realtime.cc import endless
from realtime.cc import knob as knobs
from realtime.cc.knob import Knob
from realtime.cc.mapping import Binding, Key, can_be_turned
from realtime.cc.scale import Scale, Setting
from realtime.controls import Address
from realtime.surfaces import Arguments

GATHER = 0.005  # s from one setting to the next
FEED_EVERY = 0.03  # s from one telling to the next: motors are slow, and MIDI's cable is
HEARD = "/value"  # told is what is heard there, not what is asked for: no knob can stand there


class Dial(NamedTuple):
    """A binding whose control there is."""

    binding: Binding
    scale: Scale
    button: bool  # it pulls a trigger
    pickup: bool


class Turning:
    """`pickup`: a knob does nothing until it passes its control. `feeds`: knobs are told."""

    def __init__(self, pickup: bool, feeds: bool) -> None:
        self.echoes = 0  # that came back and were dropped
        self._pickup, self._feeds = pickup, feeds
        self._dials: dict[str, Dial] = {}  # by address
        self._keys: dict[Key, tuple[Dial, int]] = {}
        self._knobs: dict[str, Knob] = {}
        self._values: dict[str, Setting] = {}  # of all controls, as they were last told
        self._moved: dict[str, None] = {}  # addresses whose knob is to be judged
        self._pulled: dict[str, None] = {}  # triggers
        self._owed: dict[str, None] = {}  # addresses whose knob is to be told
        self._judged = self._fed = -inf
        self._judge_at = self._feed_at = inf

    def fit(self, bindings: Iterable[Binding], table: Mapping[str, Address]) -> None:
        """Another map, or another preset's addresses: a binding whose control is not there waits
        for one in which it is."""
        before, self._dials = self._dials, {}
        for binding in bindings:
            row = table.get(binding.address)
            if row and can_be_turned(row) and not (binding.relative and row.kind == "trigger"):
                jumps = bool(binding.relative) or binding.address.endswith(HEARD)
                pickup = self._pickup and not jumps
                dial = Dial(binding, Scale.of(row, binding), row.kind == "trigger", pickup)
                self._dials[binding.address] = dial
        self._keys = {
            key: (dial, part)
            for dial in self._dials.values()
            for part, key in enumerate(dial.binding.keys)
        }
        same = {a for a, dial in self._dials.items() if before.get(a) == dial}
        self._knobs = {a: self._knobs[a] if a in same else Knob() for a in self._dials}
        for address in self._dials.keys() - same:
            if address in self._values:
                self.told(address, (self._values[address],))

    @property
    def next(self) -> float:
        """When there is something to do by itself; infinity: not."""
        return min(self._judge_at, self._feed_at)

    @property
    def waiting(self) -> list[str]:
        """Addresses whose knob stands elsewhere, and does nothing until it gets there."""
        return sorted(address for address in self._dials if self._waits(address))

    # --- in ---------------------------------------------------------------------------------------

    def hear(self, key: Key, number: int, now: float) -> None:
        if key not in self._keys:
            return
        dial, part = self._keys[key]
        address, pause = dial.binding.address, 0.0
        knob, echo = self._turned(dial, part, number, now)
        if echo or knob is self._knobs[address]:  # of an endless one
            moved = None
        elif dial.button:
            knob, down = knobs.press(knob)
            moved = self._pulled if down else None
        else:
            moved, pause = self._moved, GATHER * dial.binding.fine  # its other half comes at once
        self._knobs[address] = knob
        if moved is not None:
            moved[address] = None
            self._judge_at = min(self._judge_at, max(now + pause, self._judged + GATHER))

    def _turned(self, dial: Dial, part: int, number: int, now: float) -> tuple[Knob, bool]:
        """Where its knob stands, and whether that was our own word that came back."""
        binding, knob = dial.binding, self._knobs[dial.binding.address]
        if binding.relative is None:
            return knobs.hear(knob, part, number, binding.fine), False
        verdict = endless.turn(knob, number, binding.relative, dial.scale, now)
        self.echoes += verdict.echo
        return verdict.knob, verdict.echo

    def settings(self, now: float) -> dict[str, Arguments]:
        """What is to be set now."""
        if now < self._judge_at:
            return {}
        self._judge_at, self._judged = inf, now
        chosen: dict[str, Arguments] = dict.fromkeys(self._pulled, ())
        moved = [address for address in self._moved if address in self._dials]
        self._pulled, self._moved = {}, {}
        for address in moved:
            dial = self._dials[address]
            turns = dial.binding.relative is not None
            verdict = knobs.judge(self._knobs[address], dial.scale, dial.pickup, now, turns)
            self._knobs[address] = verdict.knob
            self.echoes += verdict.echo
            if verdict.value is not None:
                chosen[address] = (verdict.value,)
        return chosen

    # --- out --------------------------------------------------------------------------------------

    def told(self, address: str, args: Arguments) -> None:
        """A control has this value; a knob that did not say so is told it, in a moment."""
        if not args or address.endswith(HEARD):
            return
        self._values[address] = args[0]
        dial = self._dials.get(address)
        if dial is None or dial.button:
            return
        self._knobs[address] = knobs.told(self._knobs[address], dial.scale, args[0])
        if self._feeds:
            self._owed[address] = None
            self._feed_at = min(self._feed_at, self._fed + FEED_EVERY)

    def feed(self, now: float) -> list[bytes]:
        """What the controller is to be told now: the latest value of each."""
        if now < self._feed_at:
            return []
        owed, self._owed = [address for address in self._owed if address in self._dials], {}
        self._feed_at, messages = inf, list[bytes]()
        for address in owed:
            dial = self._dials[address]
            raw = knobs.owes(self._knobs[address], dial.scale)
            if raw is not None:
                self._knobs[address] = knobs.feed(self._knobs[address], raw, now)
                messages += dial.binding.messages(raw)
        self._fed = now if messages else self._fed
        return messages

    def _waits(self, address: str) -> bool:
        knob, dial = self._knobs[address], self._dials[address]
        known = knob.judged is not None and knob.value is not None
        return dial.pickup and known and not knob.holds and not dial.scale.steps
