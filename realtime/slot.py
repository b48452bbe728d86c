"""One window on its way from being played to being heard."""

from __future__ import annotations

from dataclasses import dataclass

from presets import edit
from presets.bar import Window
from presets.encoding import Encoded, Encoding
from realtime import morph, windows
from realtime.events import Decoded, Plan, Work
from realtime.state import State, Taken
from realtime.traversals.slide import as_targets


@dataclass(slots=True)
class Slot:
    """It will be heard in window `target`, changed as a performer's state says then."""

    encoding: Encoding
    target: int
    taken: Taken
    encoded: Encoded
    decided: Decoded | None = None
    flying: int | None = None  # the request under way
    since: int = 0  # the tick from which its answer sounds
    again: int | None = None  # knobs moved meanwhile: ask again, to sound from this tick
    settles: int = -1  # the line at which a note held over the close is known
    drawn: int | None = None  # nobody played it: the number of its draw from the prior
    pair: morph.Pair | None = None  # it is somewhere between these
    played: int | None = None  # where the window began, if it was played and is not kept
    sounds: Window | None = None  # what is heard of it, as it was planned so far
    anew: bool = True  # it does not go on from the window that is heard before it

    @staticmethod
    def of(encoding: Encoding, target: int, taken: Taken, state: State) -> Slot:
        drawn = target // state.every if state.mode == "generate" else None
        heard, pair = encoding.listen(taken.window), morph.pair(state)
        return Slot(encoding, target, taken, heard, drawn=drawn, pair=pair)

    @property
    def start(self) -> int:
        """The tick at which its window begins to be heard."""
        return self.target * self.encoding.grid.length

    @property
    def end(self) -> int:
        return self.start + self.encoding.grid.length

    @property
    def can_be_answered(self) -> bool:
        """Rests are answered by rests."""
        return bool(self.encoded.line) or self.drawn is not None

    def goes_on(self, before: Slot | None) -> bool:
        """Whether what is heard before it was also played before it."""
        if before is None or before.played is None or self.played is None:
            return False
        return before.played + self.encoding.grid.length == self.played

    def hold(self, taken: Taken) -> None:
        """It is another window that is to be heard."""
        self.taken, self.encoded = taken, self.encoding.listen(taken.window)

    def face(self, place: float) -> None:
        """A morph is an edit of its nearer end."""
        if self.pair is not None:
            self.hold(self.pair.nearer(place))

    def is_moved(self, place: float) -> bool:
        """Whether it is another window than its own, be every knob at neutral."""
        return morph.moves(self.pair, place) or self.drawn is not None

    def work(self, state: State, seed: int) -> Work:
        asked = state.choices, state.amounts, state.way
        if self.drawn is not None:
            knobs, draw = as_targets(state.knobs), (seed, self.drawn)
            free = as_targets(state.free)
            return Work((), knobs, draw, state.variation, None, True, *asked, free=free)
        tokens, window = tuple(self.encoded.tokens.tolist()), self.taken.window
        between = morph.between(self.pair, state.morph, self.encoding)
        of = state.knobs, (seed, self.target), state.variation, window, state.edit == "full"
        return Work(tokens, *of, *asked, between, state.free)

    def heard(self, decided: Decoded, edited: str) -> Window:
        """What is heard where the model decided so; `edited` is residual or full."""
        if self.drawn is not None:
            return self.encoding.window(decided.after)
        window, encoded = self.taken.window, self.encoded
        if edited == "full" or decided.full:
            return edit.full(window, encoded, decided.after, self.encoding)
        return edit.residual(window, encoded, decided.before, decided.after, self.encoding)

    def planned(self, window: Window) -> None:
        """From `since` on it sounds like this."""
        self.sounds = windows.taken_over(self.sounds, window, self.since - self.start)

    def plan(self, window: Window) -> Plan:
        start, early = self.start, self.encoding.grid.lead
        notes = tuple(note.moved(start) for note in window.notes)
        gestures = tuple((start + tick, data) for tick, data in self.taken.gestures)
        return Plan(start, self.end, self.since, notes, gestures, early, self.anew)
