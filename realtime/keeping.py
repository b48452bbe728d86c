"""When an engine hands its state on to whoever comes after: soon after it has changed."""

from __future__ import annotations

from realtime.state import State

KEEP_EVERY = 0.25  # s between two states, while a knob is turned


class Keeping:
    """Times are monotonic seconds."""

    def __init__(self, state: State) -> None:
        self.kept = state  # the last one that was handed on
        self._at = 0.0

    def next(self, state: State) -> float | None:
        """When it is to be handed on; None: it was."""
        return None if self.kept is state else self._at + KEEP_EVERY

    def keeps(self, state: State, now: float) -> bool:
        """Whether it is to be handed on now; then it is taken to be."""
        due = self.next(state)
        if due is None or now < due:
            return False
        self.kept, self._at = state, now
        return True
