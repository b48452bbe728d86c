"""Window ↔ tokens: the grid, the vocabulary, and what a line of notes looks like on them.

A *step* is a position of the grid (the papers call it a tick). Steps may be uneven: AR-VAE divides
the beat at 0 ¼ ⅓ ½ ⅔ ¾. A token stands for the onset of a pitch, for a hold, or for the beginning
of a silence; holds continue whatever came before, so a first token of hold means that a note struck
before the window still sounds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from presets.bar import Meter, Note, Window

Tokens = NDArray[np.int64]

REST = -1  # the pitch of a silent step
BEFORE = -2  # the pitch of a step that continues a note struck before the window
OCTAVE = 12


@dataclass(frozen=True)
class Grid:
    """Where a model's steps lie: `positions` are fractions of a beat, the same in every beat."""

    positions: tuple[Fraction, ...]
    bars: int = 1
    meter: Meter = Meter()

    @property
    def beats(self) -> int:
        return self.bars * self.meter.beats

    @property
    def steps(self) -> int:
        return self.beats * len(self.positions)

    @property
    def length(self) -> int:
        """Ticks in a window."""
        return self.bars * self.meter.bar_ticks

    @cached_property
    def ticks(self) -> tuple[int, ...]:
        """The tick of every step, and of the line after the last one: steps + 1 numbers."""
        beat = self.meter.beat_ticks
        inside = [int((b + p) * beat) for b in range(self.beats) for p in self.positions]
        return (*inside, self.length)

    @cached_property
    def _midpoints(self) -> tuple[float, ...]:
        before = self.ticks[-2] - self.length  # last step of the previous window
        lines = (before, *self.ticks)
        return tuple((a + b) / 2 for a, b in pairwise(lines))

    @property
    def lead(self) -> int:
        """Ticks before its end at which a window closes: half its last step."""
        return (self.length - self.ticks[-2]) // 2

    def nearest(self, tick: int) -> int:
        """The step nearest to `tick`: −1 belongs to the window before, `steps` to the one after."""
        return bisect_right(self._midpoints, tick) - 1

    def line_from(self, tick: int) -> int:
        """The first grid line at or after `tick`, in ticks (the window's end at the latest)."""
        return self.ticks[min(bisect_left(self.ticks, tick), self.steps)]

    def off_grid(self, tick: int) -> int:
        """Ticks between `tick` and the nearest line."""
        return abs(tick - self.ticks[max(0, self.nearest(tick))])


@dataclass(frozen=True)
class Vocabulary:
    """The symbols of a model. `pitches` holds each symbol's MIDI pitch, None for hold and rest."""

    symbols: tuple[str, ...]
    pitches: tuple[int | None, ...]
    hold: int
    rest: int
    spelling: Mapping[int, int] = field(
        default_factory=dict[int, int]
    )  # pitch -> symbol, if spelled

    @cached_property
    def token_of(self) -> dict[int, int]:
        """Pitch -> token; the given spelling wins, else the first symbol of that pitch."""
        first: dict[int, int] = {}
        for token, pitch in enumerate(self.pitches):
            if pitch is not None:
                first.setdefault(pitch, token)
        return first | dict(self.spelling)

    @cached_property
    def low(self) -> int:
        return min(self.token_of)

    @cached_property
    def high(self) -> int:
        return max(self.token_of)

    @staticmethod
    def midi(low: int, high: int) -> Vocabulary:
        """One symbol per key from `low` to `high`, hold, and rest: what a keyboard can say."""
        keys = range(low, high + 1)
        symbols = (*(f"{_NAMES[k % 12]}{k // 12 - 1}" for k in keys), "hold", "rest")
        return Vocabulary(symbols, (*keys, None, None), len(keys), len(keys) + 1)


_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class LineNote:
    """A note of the top line on the grid: it sounds from `step` (−1: from before) up to `until`."""

    step: int
    until: int
    note: Note


@dataclass(frozen=True, slots=True)
class States:
    """What every step of a window does. Lists of length `steps`.

    pitch: MIDI, `REST` or `BEFORE`; start: the step at which the sounding note began, −1 for
    silence and for a note struck before the window. A step is an onset where start == step.
    """

    pitch: list[int]
    start: list[int]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A window as a model sees it, and what was done to it on the way in."""

    tokens: Tokens  # [steps]
    line: tuple[LineNote, ...]
    lower: tuple[Note, ...]  # everything that is not the top line
    shift: int  # semitones added to fit the vocabulary; subtracted again on the way out
    folded: int  # notes of the line that needed an octave of their own
    off_grid: float  # mean distance of the line's onsets from their lines, as a share of a beat


@dataclass(frozen=True)
class Encoding:
    """Window ↔ tokens on one grid with one vocabulary."""

    grid: Grid
    vocabulary: Vocabulary

    def encode(self, window: Window, legato: int = 0) -> Encoded:
        """The window's top line as tokens.

        A silence shorter than `legato` ticks between two notes is articulation, not a rest.
        """
        line = _legato(_top_line(window.notes, self.grid), self.grid, legato)
        shift = self._shift([n.note.pitch for n in line])
        tokens = np.full(self.grid.steps, self.vocabulary.hold, np.int64)
        folded = 0
        silent_from = 0
        for held in line:
            if silent_from < held.step:
                tokens[silent_from] = self.vocabulary.rest
            if held.step >= 0:
                pitch = self.fold(held.note.pitch + shift)
                folded += pitch != held.note.pitch + shift
                tokens[held.step] = self.vocabulary.token_of[pitch]
            silent_from = held.until
        if silent_from < self.grid.steps:
            tokens[silent_from] = self.vocabulary.rest
        struck = {held.note for held in line}
        lower = tuple(n for n in window.notes if n not in struck)
        return Encoded(tokens, tuple(line), lower, shift, folded, self._off_grid(line))

    def listen(self, window: Window) -> Encoded:
        """A window as a person plays it: silences under half a beat are touch, not rests."""
        return self.encode(window, self.grid.meter.beat_ticks // 2)

    def notes(self, tokens: Sequence[int] | Tokens, velocity: int = 64) -> list[Note]:
        """The notes that `tokens` strike, exactly on the grid; one held from before is left out."""
        states, ticks = self.states(tokens), self.grid.ticks
        onsets = [t for t, start in enumerate(states.start) if start == t]
        ends = {start: t + 1 for t, start in enumerate(states.start) if start >= 0}
        return [
            Note(ticks[t], states.pitch[t], ticks[ends[t]] - ticks[t], velocity) for t in onsets
        ]

    def window(self, tokens: Sequence[int] | Tokens) -> Window:
        """A window of the notes that `tokens` strike."""
        return Window.of(self.notes(tokens), self.grid.bars, self.grid.meter)

    def states(self, tokens: Sequence[int] | Tokens) -> States:
        """Onset and sounding pitch of every step."""
        pitch: list[int] = []
        start: list[int] = []
        now, since = BEFORE, -1
        for step, token in enumerate(int(t) for t in tokens):
            if token == self.vocabulary.rest:
                now, since = REST, -1
            elif token != self.vocabulary.hold:
                struck = self.vocabulary.pitches[token]
                now, since = (REST, -1) if struck is None else (struck, step)
            pitch.append(now)
            start.append(since)
        return States(pitch, start)

    def fold(self, pitch: int) -> int:
        """`pitch` moved by octaves into the vocabulary's range."""
        low, high = self.vocabulary.low, self.vocabulary.high
        if pitch < low:
            pitch += OCTAVE * -((pitch - low) // OCTAVE)
        elif pitch > high:
            pitch -= OCTAVE * -((high - pitch) // OCTAVE)
        return min(max(pitch, low), high)

    def _shift(self, pitches: Sequence[int]) -> int:
        """Octaves, in semitones, that bring most notes into range; the smallest such move."""
        low, high = self.vocabulary.low, self.vocabulary.high

        def cost(octaves: int) -> tuple[int, int]:
            out = sum(not low <= p + OCTAVE * octaves <= high for p in pitches)
            return out, abs(octaves)

        if all(low <= p <= high for p in pitches):
            return 0
        return OCTAVE * min(range(-10, 11), key=cost)

    def _off_grid(self, line: Sequence[LineNote]) -> float:
        struck = [n.note.onset for n in line if n.step >= 0]
        beat = self.grid.meter.beat_ticks
        return sum(map(self.grid.off_grid, struck)) / (beat * len(struck)) if struck else 0.0


def _top_line(notes: Sequence[Note], grid: Grid) -> list[LineNote]:
    """The highest of what is struck together, unless something higher still sounds (a skyline)."""
    placed = [(max(grid.nearest(n.onset), -1), n) for n in notes]
    inside = [(s, max(grid.nearest(min(n.end, grid.length)), s + 1), n) for s, n in placed]
    heard = [(s, u, n) for s, u, n in inside if s < grid.steps and u > 0]
    line: list[LineNote] = []
    for step, until, note in sorted(heard, key=lambda h: (h[0], -h[2].pitch, h[2].onset)):
        last = line[-1] if line else None
        if last and (last.step == step or (last.until > step and last.note.pitch > note.pitch)):
            continue
        if last and last.until > step:
            line[-1] = LineNote(last.step, step, last.note)
        line.append(LineNote(step, until, note))
    return [held for held in line if held.until > 0]  # a note from before may be cut at once


def _legato(line: list[LineNote], grid: Grid, gap: int) -> list[LineNote]:
    """Close the silences shorter than `gap` ticks: staccato is a touch, not a rest."""
    following = [(n.step, n.note.onset) for n in line[1:]] + [(grid.steps, grid.length)]
    if not line:
        return []
    return [
        LineNote(n.step, step, n.note) if onset - n.note.end < gap else n
        for n, (step, onset) in zip(line, following, strict=True)
    ]
