"""What was played, in absolute ticks, and the windows cut out of it."""

from __future__ import annotations

from presets.bar import TICKS_PER_QUARTER, Note, Window
from presets.encoding import Grid
from realtime.events import Gesture, NoteOff, NoteOn
from realtime.state import Taken

MAX_NOTES = 2048  # more than fingers can play in the windows that are kept
HISTORY = 128 * TICKS_PER_QUARTER  # kept for a preset that comes next: longer than its windows
Key = tuple[int, int]  # channel, pitch


class Recorder:
    """Notes go in as they are played; `take` cuts windows out."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._held: dict[Key, NoteOn] = {}
        self._notes: list[Note] = []
        self._gestures: list[Gesture] = []
        self._live = 0  # the line from which windows may still be taken
        self.since = 0  # the tick from which everything is known
        self.dropped = 0

    def cut_by(self, grid: Grid) -> None:
        """From here on windows are those of another grid."""
        self._grid = grid

    def hear(self, event: NoteOn | NoteOff | Gesture) -> None:
        match event:
            case NoteOn():
                self.note_on(event)
            case NoteOff():
                self.note_off(event)
            case Gesture():
                self.gesture(event)

    def note_on(self, event: NoteOn) -> None:
        self._finish((event.channel, event.pitch), event.tick)
        if len(self._notes) + len(self._held) >= MAX_NOTES:
            self._drop(self._live)
        if len(self._notes) + len(self._held) < MAX_NOTES:
            self._held[event.channel, event.pitch] = event
        else:
            self.dropped += 1

    def note_off(self, event: NoteOff) -> None:
        self._finish((event.channel, event.pitch), event.tick)

    def let_go(self, tick: int) -> None:
        """Of all keys: nobody knows which of them are held."""
        for key in list(self._held):
            self._finish(key, tick)

    def gesture(self, event: Gesture) -> None:
        if len(self._gestures) >= MAX_NOTES:
            self._drop(self._live)
        if len(self._gestures) < MAX_NOTES:
            self._gestures.append(event)
        else:
            self.dropped += 1

    def take(self, start: int) -> Taken:
        """The window that begins at `start`.

        Notes struck up to half a step before a line belong to what follows it; notes struck earlier
        that still sound belong to the window with a negative onset. A held note lasts to the end.
        """
        end, lead = start + self._grid.length, self._grid.lead
        held = [_held_until(end, on) for on in self._held.values()]
        notes = [
            note.moved(-start)
            for note in (*self._notes, *held)
            if note.onset < end - lead and (note.end > start or note.onset >= start - lead)
        ]
        gestures = tuple(
            (g.tick - start, g.data) for g in self._gestures if start - lead <= g.tick < end - lead
        )
        opened = any(note.onset < end - lead for note in held)
        window = Window.of(notes, self._grid.bars, self._grid.meter)
        return Taken(window, gestures, opened)

    def forget(self, before: int) -> None:
        """Only a preset that comes next will take windows from before the line `before`."""
        self._live = before
        self._drop(before - HISTORY)

    def clear(self, since: int = 0) -> None:
        """Begin anew, at the tick `since`."""
        self._held.clear()
        self._notes.clear()
        self._gestures.clear()
        self._live = self.since = since

    def _drop(self, before: int) -> None:
        """What no window from the line `before` on can take: early notes stay."""
        first = before - self._grid.lead
        self._notes = [n for n in self._notes if n.end > before or n.onset >= first]
        self._gestures = [g for g in self._gestures if g.tick >= first]
        self.since = max(self.since, before)

    def _finish(self, key: Key, tick: int) -> None:
        on = self._held.pop(key, None)
        if on is not None:
            duration = max(1, tick - on.tick)
            self._notes.append(Note(on.tick, on.pitch, duration, on.velocity))


def _held_until(end: int, on: NoteOn) -> Note:
    return Note(on.tick, on.pitch, max(1, end - on.tick), on.velocity)
