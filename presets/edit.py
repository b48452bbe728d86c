"""From decoded tokens to what is heard: a move is applied to the *played* notes.

Reconstructions are never exact, so playing decode(z′) would change a bar before any knob is turned.
The residual edit takes from the model only what moving z changed: where decode(z) and decode(z′)
agree on a step, the played step stays, with its own timing, velocity, chord and bends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from presets.bar import Note, Window, without_overlaps
from presets.encoding import BEFORE, REST, Encoded, Encoding, LineNote, States, Tokens


def residual(
    window: Window,
    encoded: Encoded,
    before: Sequence[int] | Tokens,
    after: Sequence[int] | Tokens,
    encoding: Encoding,
) -> Window:
    """`window` changed as decode(z) = `before` changes to decode(z′) = `after`, same noise.

    Steps where the two agree keep the played state. Where both strike and so did the player, the
    played note moves by the interval between them. Elsewhere the step takes `after`'s state; a hold
    whose note is gone continues what sounds, and a pitch that should sound but was not struck is
    struck there. Equal tokens give back the window itself; so does a window of rests.
    """
    if not encoded.line or list(before) == list(after):
        return window
    hand = _Hand(encoded, encoding)
    was, will = encoding.states(before), encoding.states(after)
    for step in range(encoding.grid.steps):
        if _agree(was, will, step):
            hand.keep(step, strikes=will.start[step] == step)
        elif was.start[step] == will.start[step] == step and hand.struck(step):
            hand.move(step, will.pitch[step] - was.pitch[step])
        else:
            hand.take(step, will)
    return _with_lower(window, hand.notes(), encoded)


def full(
    window: Window, encoded: Encoded, after: Sequence[int] | Tokens, encoding: Encoding
) -> Window:
    """decode(z′) as it is, with the played velocities and lower notes."""
    if not encoded.line:
        return window
    hand = _Hand(encoded, encoding)
    will = encoding.states(after)
    for step in range(encoding.grid.steps):
        hand.take(step, will, exact_grid=True)
    return _with_lower(window, hand.notes(), encoded)


def _agree(a: States, b: States, step: int) -> bool:
    same_onset = (a.start[step] == step) == (b.start[step] == step)
    return same_onset and a.pitch[step] == b.pitch[step]


def _with_lower(window: Window, line: Sequence[Note], encoded: Encoded) -> Window:
    notes = without_overlaps([*line, *encoded.lower])
    return Window.of(notes, window.bars, window.meter)


@dataclass(slots=True)
class _Heard:
    """A note being written: who it comes from, and how far it has got."""

    pitch: int
    onset: int  # ticks
    velocity: int
    step: int
    until: int
    source: LineNote | None  # the played note it is
    model: int  # the step at which decode(z′) struck the note it stands for, or −1


class _Hand:
    """Writes the heard line step by step; `now` is the note that sounds."""

    def __init__(self, encoded: Encoded, encoding: Encoding) -> None:
        self._encoded, self._grid = encoded, encoding.grid
        self._played: list[LineNote | None] = [None] * encoding.grid.steps
        for note in encoded.line:
            span = range(max(note.step, 0), note.until)
            self._played[span.start : span.stop] = [note] * len(span)
        self._now: _Heard | None = None
        self._heard: list[_Heard] = []

    def struck(self, step: int) -> bool:
        played = self._played[step]
        return played is not None and played.step == step

    def keep(self, step: int, *, strikes: bool) -> None:
        """The played state stays."""
        played = self._played[step]
        if played is None:
            self._now = None
        elif played.step == step or (played.step < 0 and step == 0):
            self._start(step, played.note.pitch, played, step if strikes else -1)
        elif self._now is not None:
            self._now.until = step + 1

    def move(self, step: int, interval: int) -> None:
        """The played note, transposed."""
        played = self._played[step]
        assert played is not None
        self._start(step, played.note.pitch + interval, played, step)

    def take(self, step: int, will: States, *, exact_grid: bool = False) -> None:
        """decode(z′)'s state."""
        pitch, start, now = will.pitch[step], will.start[step], self._now
        if pitch == REST:
            self._now = None
        elif pitch == BEFORE:
            self._continue_from_before(step)
        elif start == step:
            played = None if exact_grid or not self.struck(step) else self._played[step]
            self._start(step, pitch - self._encoded.shift, None, step, timing=played)
        elif now is not None and (now.model == start or now.pitch == pitch - self._encoded.shift):
            now.until = step + 1
        else:
            self._start(step, pitch - self._encoded.shift, None, start)

    def notes(self) -> list[Note]:
        heard = self._heard
        if not heard:
            return []
        following = [h.onset for h in heard[1:]] + [self._grid.length]
        return [
            Note(h.onset, h.pitch, end - h.onset, h.velocity)
            for h, limit in zip(heard, following, strict=True)
            if (end := self._end(h, limit)) > h.onset
        ]

    def _continue_from_before(self, step: int) -> None:
        played = self._played[step]
        if self._now is not None:
            self._now.until = step + 1
        elif step == 0 and played is not None and played.step < 0:
            self._start(step, played.note.pitch, played, -1)

    def _start(
        self,
        step: int,
        pitch: int,
        source: LineNote | None,
        model: int,
        timing: LineNote | None = None,
    ) -> None:
        timed = source or timing
        onset = timed.note.onset if timed else self._grid.ticks[step]
        velocity = timed.note.velocity if timed else self._nearest_velocity(onset)
        pitch = min(max(pitch, 0), 127)
        self._now = _Heard(pitch, onset, velocity, step, step + 1, source, model)
        self._heard.append(self._now)

    def _end(self, heard: _Heard, limit: int) -> int:
        """Ticks. A played note that kept all its steps ends when the player let go."""
        line_end = self._grid.ticks[heard.until]
        if heard.source is None or heard.until > heard.source.until:
            return min(line_end, limit)
        played_end = heard.source.note.end
        return played_end if heard.until == heard.source.until else min(played_end, line_end)

    def _nearest_velocity(self, tick: int) -> int:
        return min(self._encoded.line, key=lambda n: abs(n.note.onset - tick)).note.velocity
