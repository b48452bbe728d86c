"""The measured quantities of a melody, one decorated function each.

An attribute's name is its training label, its entry in the manifest, its OSC address, its knob and
its row in every listing. The first four are AR-VAE's (Pati & Lerch 2021, Appendix A, equations 10
to 13), read as the authors' figures were made: over note onsets only. All are vectorised over
windows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from presets.encoding import Encoded, Encoding, Grid, Tokens

Floats = NDArray[np.float64]

RANGE = 26.0  # semitones; the papers' R
STEP = 2  # semitones; a larger move is a leap, and a repeated note no move

# Toussaint's metrical complexity (eq. 10): the weight of an onset at each place in a 4/4 bar.
_BEATS = (0.20, 0.67, 0.25, 0.67)
_INSIDE_BEAT = {
    Fraction(1, 4): 1.0,
    Fraction(1, 3): 2.0,
    Fraction(1, 2): 0.5,
    Fraction(2, 3): 2.0,
    Fraction(3, 4): 1.0,
}
_ELSEWHERE = 2.0  # off every place that the table knows


@dataclass(frozen=True)
class Onsets:
    """N windows as their note onsets."""

    struck: NDArray[np.bool_]  # [N, T]
    pitch: Floats  # [N, T], MIDI; meaningful where struck
    weight: Floats  # [T], metrical complexity of each step
    count: Floats  # [N]

    def first_and_last(self) -> tuple[Floats, Floats]:
        """Pitches of each window's first and last onset; equal where nothing is struck."""
        rows, end = np.arange(len(self.struck)), self.struck.shape[1] - 1
        first = self.pitch[rows, self.struck.argmax(1)]
        last = self.pitch[rows, end - self.struck[:, ::-1].argmax(1)]
        silent = self.count == 0
        return np.where(silent, 0.0, first), np.where(silent, 0.0, last)


@dataclass(frozen=True)
class Attribute:
    """One quantity: how it is measured, and what a musician calls its values."""

    name: str
    measure: Callable[[Onsets], Floats]
    unit: str  # what a person reads
    scale: Callable[[Grid], float]  # measured value × scale = value in `unit`
    grain: float  # the least difference that a person asks for, in `unit`
    sentence: str

    def in_units(self, measured: float, grid: Grid) -> float:
        return measured * self.scale(grid)


ATTRIBUTES: dict[str, Attribute] = {}


def attribute(
    unit: str, scale: Callable[[Grid], float], grain: float
) -> Callable[[Callable[[Onsets], Floats]], Callable[[Onsets], Floats]]:
    """Enter the function into the table under its own name; its docstring is its sentence."""

    def enter(measure: Callable[[Onsets], Floats]) -> Callable[[Onsets], Floats]:
        name, sentence = measure.__name__.rstrip("_"), (measure.__doc__ or "").split("\n")[0]
        ATTRIBUTES[name] = Attribute(name, measure, unit, scale, grain, sentence)
        return measure

    return enter


@attribute(unit="complexity", scale=lambda grid: 1.0, grain=0.02)
def rhythm(onsets: Onsets) -> Floats:
    """How far onsets lie from the strong places of the bar (eq. 10)."""
    return onsets.struck @ onsets.weight / onsets.weight.sum()


@attribute(unit="semitones", scale=lambda grid: RANGE, grain=1)
def range_(onsets: Onsets) -> Floats:
    """The highest note less the lowest (eq. 11)."""
    high = np.where(onsets.struck, onsets.pitch, -np.inf).max(1)
    low = np.where(onsets.struck, onsets.pitch, np.inf).min(1)
    return np.where(onsets.count > 1, high - low, 0.0) / RANGE


@attribute(unit="notes", scale=lambda grid: float(grid.steps), grain=1)
def density(onsets: Onsets) -> Floats:
    """How many notes are struck (eq. 12)."""
    return onsets.count / onsets.struck.shape[1]


@attribute(unit="semitones", scale=lambda grid: RANGE, grain=1)
def contour(onsets: Onsets) -> Floats:
    """How far the melody rises from its first note to its last (eq. 13, whose sum telescopes)."""
    first, last = onsets.first_and_last()
    return (last - first) / RANGE


@attribute(unit="MIDI pitch", scale=lambda grid: 1.0, grain=1)
def register(onsets: Onsets) -> Floats:
    """How high the notes lie, on average."""
    return _mean((onsets.struck * onsets.pitch).sum(1), onsets.count)


@attribute(unit="complexity a note", scale=lambda grid: 1.0, grain=0.1)
def syncopation(onsets: Onsets) -> Floats:
    """How far a note lies from the strong places of the bar, on average: rhythm given density."""
    return _mean(onsets.struck @ onsets.weight, onsets.count)


@attribute(unit="share", scale=lambda grid: 1.0, grain=0.1)
def steps(onsets: Onsets) -> Floats:
    """Of the moves from note to note, how many are steps of two semitones at the most."""
    moves = np.abs(_moves(np.where(onsets.struck, onsets.pitch, np.nan)))
    leaps = (moves > STEP).sum(1).astype(np.float64)
    return 1 - _mean(leaps, (moves > 0).sum(1).astype(np.float64))


def metrical_weights(grid: Grid) -> Floats:
    """The weight of each step [T]: 24 numbers that sum to 27.79 on AR-VAE's grid."""
    beats = _BEATS if grid.meter.beats == len(_BEATS) else (0.20, *[0.67] * (grid.meter.beats - 1))
    bar = [
        beat if position == 0 else _INSIDE_BEAT.get(position, _ELSEWHERE)
        for beat in beats
        for position in grid.positions
    ]
    return np.tile(np.array(bar), grid.bars)


def onsets_of(tokens: Tokens, encoding: Encoding) -> Onsets:
    """Token windows [N, T] as onsets."""
    pitch_of = np.array([-1.0 if p is None else p for p in encoding.vocabulary.pitches])
    pitch = pitch_of[tokens]
    struck = pitch >= 0
    return Onsets(struck, pitch, metrical_weights(encoding.grid), struck.sum(1).astype(np.float64))


def measure(tokens: Tokens, encoding: Encoding, names: Sequence[str]) -> Floats:
    """Attribute values [N, len(names)] of token windows [N, T], in the papers' scale."""
    return _values(onsets_of(np.atleast_2d(tokens), encoding), names)


def measure_heard(heard: Sequence[Encoded], grid: Grid, names: Sequence[str]) -> Floats:
    """Attribute values [N, len(names)] of encoded windows, as `heard_onsets` has them."""
    return _values(heard_onsets(heard, grid), names)


def heard_onsets(heard: Sequence[Encoded], grid: Grid) -> Onsets:
    """The lines of encoded windows, at the pitches that they have.

    (Tokens would have those outside of the vocabulary folded into it.)
    """
    struck = np.zeros((len(heard), grid.steps), np.bool_)
    pitch = np.zeros((len(heard), grid.steps))
    for row, encoded in enumerate(heard):
        for note in encoded.line:
            if note.step >= 0:
                struck[row, note.step], pitch[row, note.step] = True, note.note.pitch
    return Onsets(struck, pitch, metrical_weights(grid), struck.sum(1).astype(np.float64))


def _values(onsets: Onsets, names: Sequence[str]) -> Floats:
    """[N, len(names)], of which there may be none."""
    values = np.empty((len(onsets.count), len(names)))
    for column, name in enumerate(names):
        values[:, column] = ATTRIBUTES[name].measure(onsets)
    return values


def _moves(pitch: Floats) -> Floats:
    """From each note to the next: pitches [N, T], NaN where none is struck → semitones [N, T].

    NaN at the steps without a note, and at the last note.
    """
    following = np.full(len(pitch), np.nan)
    found = np.full_like(pitch, np.nan)
    for step in range(pitch.shape[1] - 1, -1, -1):
        here = pitch[:, step]
        found[:, step] = following - here
        following = np.where(np.isnan(here), following, here)
    return found


def _mean(total: Floats, count: Floats) -> Floats:
    """total / count; 0 where there is nothing to count."""
    return total / np.maximum(count, 1)
