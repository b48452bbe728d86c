"""Ask: a knob may want a value, and what counts is what is heard.

One batched decode of places along the knob's dimension; each is edited as it would be played, and
measured. Of those that reach the value the one is taken that changes least of what was played.
Where none does, the other dimensions give way, towards the middle of the style (a narrow range
needs a flat contour, a wide one a second note); where that does not help, the nearest is taken. A
window that has what is asked already stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presets import edit
from presets.attributes import ATTRIBUTES, measure_heard
from presets.bar import Window
from presets.encoding import Encoded, Encoding, Tokens
from presets.manifest import Dimension

Floats = NDArray[np.float64]
Z = NDArray[np.float32]
Decode = Callable[[Z], Tokens]  # points [N, Z] → tokens [N, T], all with the same noise

PLACES = 16  # to either side
REACH = 4.0  # how far to either side, in widths of the style: values beyond it may be asked for
ROUNDS = 2  # of turns, where several knobs ask
YIELDS = (0.25, 0.5, 0.75, 1.0)  # how far the others go to the middle, as shares of the way


class Wish(NamedTuple):
    dimension: Dimension
    value: float  # in the attribute's own units
    takes: Mapping[int, float] = {}  # other dimensions, and how far they go along


class Answer(NamedTuple):
    point: Z  # [Z], where they are decoded
    tokens: Tokens  # [T]
    full: bool  # to be played as they are, and not as an edit of what was played


class Found(NamedTuple):
    """What would be heard of N answers."""

    miss: (
        Floats  # [N], grains that lie between what was asked and what is heard, summed; 0: reached
    )
    changed: NDArray[np.int64]  # [N], steps that are not what was played

    def best(self) -> int:
        """The nearest; of equals the one that changes least, and of these the first."""
        return int(np.lexsort((self.changed, np.round(self.miss, 6)))[0])


@dataclass(frozen=True)
class Hearing:
    """A played window, its own decoding [T], and how answers to it would be heard."""

    window: Window
    before: Tokens
    encoding: Encoding
    wishes: Sequence[Wish]
    dimensions: Sequence[Dimension]

    @cached_property
    def played(self) -> Encoded:
        return self.encoding.listen(self.window)

    def of(self, after: Tokens, *, full: bool) -> Found:
        """Answers [N, T]."""
        rows, back = np.unique(after, axis=0, return_inverse=True)
        heard = [self.heard(row, full=full) for row in rows]
        states = [self._states(window) for window in heard]
        own = self._states(self.played)
        changed = np.array([sum(a != b for a, b in zip(own, s, strict=True)) for s in states])
        return Found(self._miss(heard)[back], changed[back])

    def heard(self, after: Tokens, *, full: bool) -> Encoded:
        """An answer [T] as it would be heard."""
        if full:
            window = edit.full(self.window, self.played, after, self.encoding)
        else:
            window = edit.residual(self.window, self.played, self.before, after, self.encoding)
        return self.encoding.listen(window)

    def _miss(self, heard: Sequence[Encoded]) -> Floats:
        grid, asked = self.encoding.grid, [w.dimension.attribute for w in self.wishes]
        measured = measure_heard(heard, grid, asked)
        total = np.zeros(len(heard))
        for name, wish, values in zip(asked, self.wishes, measured.T, strict=True):
            attribute = ATTRIBUTES[name]
            away = np.abs(values * attribute.scale(grid) - wish.value)
            total += np.maximum(away / attribute.grain - 0.5, 0)
        return total

    def _states(self, heard: Encoded) -> list[tuple[bool, int]]:
        """Every step's onset and pitch; −1 where nothing sounds."""
        states = [(False, -1)] * self.encoding.grid.steps
        for note in heard.line:
            for step in range(max(note.step, 0), note.until):
                states[step] = (step == note.step, note.note.pitch)
        return states


def wishes(knobs: Mapping[str, tuple[str, float]], dimensions: Sequence[Dimension]) -> list[Wish]:
    """The values that are asked for, in the order of the dimensions."""
    index = {d.attribute: d.index for d in dimensions}
    found = ((d, *knobs.get(d.attribute, ("", 0.0))) for d in dimensions)
    return [
        Wish(d, number, {index[name]: share for name, share in d.takes.items()})
        for d, reading, number in found
        if reading == "value"
    ]


def ask(moved: Z, hearing: Hearing, decode: Decode, *, full: bool) -> Answer:
    """The answer that is heard to have what is wished for, or comes nearest.

    moved [Z]: the window's point, where the other knobs have put it. full: whether answers are
    played as they are decoded. Where they are not, and no edit reaches what a decoding as it is
    does, that one is played so.
    """
    found = _search(moved, hearing, decode, full=full)
    if not (found.reached or full):
        as_it_is = _search(moved, hearing, decode, full=True)
        if as_it_is.reached:
            return Answer(as_it_is.point, as_it_is.answer, full=True)
    return Answer(found.point, found.answer, full)


def _search(point: Z, hearing: Hearing, decode: Decode, *, full: bool) -> _Look:
    """The last look: at the point itself, then far and near along each wish's dimension."""

    def look(points: Z) -> _Look:
        tokens = decode(points)
        return _Look(points, tokens, hearing.of(tokens, full=full))

    seen = look(point[None])
    for wish in [*hearing.wishes] * (1 if len(hearing.wishes) == 1 else ROUNDS):
        far = _far(wish.dimension)
        if not seen.reached:
            seen = look(_moved(seen.point, wish, far))
        if not seen.reached:  # … between the best place and its neighbours
            best = seen.found.best()
            gap = float(np.diff(far)[max(best - 1, 0) : best + 1].max())
            seen = look(_moved(seen.point, wish, np.linspace(-gap, gap, len(far))))
    for wish in hearing.wishes:
        if not seen.reached:
            yielding = _yielding(seen.point, hearing)
            seen = look(np.concatenate([_moved(p, wish, _far(wish.dimension)) for p in yielding]))
    return seen


class _Look(NamedTuple):
    points: Z  # [N, Z]
    tokens: Tokens  # [N, T]
    found: Found

    @property
    def reached(self) -> bool:
        return self.found.miss.min() == 0

    @property
    def point(self) -> Z:
        return self.points[self.found.best()]

    @property
    def answer(self) -> Tokens:
        return self.tokens[self.found.best()]


def _yielding(point: Z, hearing: Hearing) -> Z:
    """A point with the dimensions that nobody asks about ever nearer to their middles [N, Z]."""
    points, shares = np.repeat(point[None], 1 + len(YIELDS), axis=0), np.array([0.0, *YIELDS])
    asked = {wish.dimension.attribute for wish in hearing.wishes}
    for dimension in hearing.dimensions:
        if dimension.attribute not in asked:
            c = dimension.calibration
            way = float(np.interp(0.5, c.p, c.z)) - point[dimension.index]
            points[:, dimension.index] += shares * way
    return points


def _far(dimension: Dimension) -> Floats:
    """Steps to either side of a point, close to it the closest [2 · PLACES + 1]."""
    low, high = dimension.calibration.z[0], dimension.calibration.z[-1]
    share = np.arange(-PLACES, PLACES + 1) / PLACES
    return REACH * (high - low) * share * np.abs(share)


def _moved(point: Z, wish: Wish, steps: Floats) -> Z:
    """A point with a wish's dimension moved by each step, and what it takes along [N, Z]."""
    points = np.repeat(point[None], len(steps), axis=0)
    for index, share in {wish.dimension.index: 1.0, **wish.takes}.items():
        points[:, index] += share * steps
    return points
