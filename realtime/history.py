"""Undo and redo: what a performer had set before."""

from __future__ import annotations

from collections import deque

from msgspec.structs import replace

from realtime.state import State

STEPS = 128
SWEEP = 1.0  # s: turns of one control closer to each other than this are one step

# What is gone back to; thru, the clock, the preset and what was played last stay as they are.
CHOSEN = (
    *("knobs", "mode", "edit", "variation", "delay", "every"),
    *("choices", "amounts", "way", "morph", "a", "b", "free"),
)


def chosen_as(then: State, now: State) -> State:
    """`now` with the choices of `then`."""
    state = replace(now, **{name: getattr(then, name) for name in CHOSEN})
    same = (state.a, state.b) == (now.a, now.b)
    return state if same else replace(state, curve=None)  # it leads between other windows


class History:
    """The states that were left, and those that were gone back from."""

    def __init__(self) -> None:
        self._back: deque[State] = deque(maxlen=STEPS)
        self._forth: deque[State] = deque(maxlen=STEPS)
        self._address: str = ""  # of the last change
        self._time: float = 0.0

    def note(self, before: State, after: State, address: str, time: float) -> None:
        """A control changed the state at `time` (monotonic seconds).

        A sweep is one step, and so is what was set together.
        """
        if chosen_as(before, after) == after:
            return
        swept = address == self._address and time - self._time < SWEEP
        if not (self._back and (swept or time == self._time)):
            self._back.append(before)
        self._forth.clear()
        self._address, self._time = address, time

    def undo(self, now: State) -> State | None:
        return self._go(self._back, self._forth, now)

    def redo(self, now: State) -> State | None:
        return self._go(self._forth, self._back, now)

    def _go(self, out: deque[State], into: deque[State], now: State) -> State | None:
        if not out:
            return None
        into.append(now)
        self._address, self._time = "", -1.0
        return chosen_as(out.pop(), now)
