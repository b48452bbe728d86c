"""Learning: the next controller that is moved enough shall turn a control. Pure, as a knob is."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from realtime.cc import endless
from realtime.cc.knob import DOWN
from realtime.cc.mapping import APART, CONTROLLERS, PAIRED, Binding, Key

ENOUGH = 8  # of 127: a knob that flickers is not turned
REPEATS = 6  # times the same number in a row: no knob with ends says so
PATIENCE = 60.0  # s


class Learner(Struct, frozen=True):
    """`address` is empty where nothing is learnt."""

    address: str = ""
    button: bool = False  # it is a trigger: a button that is pressed need not be let go
    until: float = 0.0  # monotonic seconds; nobody waits for ever, to be surprised
    seen: dict[Key, tuple[int, int]] = {}  # the least and the most that each has said
    last: tuple[Key, int] | None = None  # what was said last, and how many times in a row
    times: int = 0

    def hear(self, key: Key, number: int) -> tuple[Learner, Binding | None]:
        """A controller says a number. Once it has moved enough nothing is learnt any more."""
        if not self.address or key[1] >= CONTROLLERS:
            return self, None
        least, most = self.seen.get(key, (number, number))
        span = min(least, number), max(most, number)
        times = self.times + 1 if self.last == (key, number) else 1
        after = replace(self, seen={**self.seen, key: span}, last=(key, number), times=times)
        pressed = self.button and span[1] >= DOWN
        relative = endless.kind(number)
        if relative and times >= REPEATS and not self.button:
            return Learner(), Binding(self.address, key[0] + 1, key[1], relative=relative)
        if span[1] - span[0] < ENOUGH and not pressed:
            return after, None
        return Learner(), _binding(after, key)


def _binding(learner: Learner, key: Key) -> Binding:
    """Two controllers 32 apart that both spoke are one of 14 bits, unless it is a button."""
    channel, number = key
    upper = number if number < PAIRED else number - APART
    both = upper < PAIRED and {(channel, upper), (channel, upper + APART)} <= learner.seen.keys()
    fine = both and not learner.button
    return Binding(learner.address, channel + 1, upper if fine else number, fine)
