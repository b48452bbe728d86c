"""What was played since the song rolls, for an engine that comes in its midst."""

from __future__ import annotations

from collections import deque

from realtime.events import Gesture, NoteOff, NoteOn, Rolling

RETOLD = 512  # events: what ten fingers play in two long windows, and no flood

Heard = NoteOn | NoteOff | Gesture


class Retold:
    """The last events that the engine was told, with the ticks they had."""

    def __init__(self) -> None:
        self._events: deque[Heard] = deque(maxlen=RETOLD)
        self._since = 0

    def begin(self, tick: int = 0) -> None:
        """A song begins at `tick`: what was before it is nobody's."""
        self._events.clear()
        self._since = tick

    def hear(self, event: Heard) -> None:
        self._events.append(event)

    def again(self, tick: int, song: int) -> tuple[Rolling | Heard, ...]:
        """What to tell an engine that finds the song rolling at `tick`."""
        return Rolling(tick, song, since=self.since), *self._events

    @property
    def since(self) -> int:
        """The tick from which everything is known."""
        full = len(self._events) == RETOLD
        return max(self._since, self._events[0].tick) if full else self._since
