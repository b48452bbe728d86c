"""What may be asked of a window, as a score from 0 to 1 (Engel et al. 2018, eq. 4), and of whom.

A rule has conditions, so that one actor serves a whole menu: which scale, how many notes. Each row
of y says what is asked there; nothing is asked of what a row leaves at 0.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presets.attributes import Onsets

Floats = NDArray[np.float64]
Y = NDArray[np.float32]  # [N, Y]

KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),  # natural
    "pentatonic": (0, 2, 4, 7, 9),
    "blues": (0, 3, 5, 6, 7, 10),
}


class Rule(ABC):
    """One kind of demand, with its own part of y."""

    @property
    @abstractmethod
    def conditions(self) -> Sequence[str]:
        """What each entry of its part of y means; empty where there is nothing to choose."""

    @abstractmethod
    def drawn(self, count: int, draw: np.random.Generator) -> Y:
        """What `count` windows are asked for in training [N, Y]."""

    @abstractmethod
    def score(self, windows: Onsets, y: Y) -> Floats:
        """How well each window does what its row asks: 0 … 1 [N]."""


@dataclass(frozen=True)
class Scale(Rule):
    """c_pitch: the share of the notes that lie in a scale. y: one of 12 keys, one of the scales."""

    scales: tuple[str, ...] = tuple(SCALES)

    @property
    def conditions(self) -> Sequence[str]:
        return [*KEYS, *self.scales]

    def drawn(self, count: int, draw: np.random.Generator) -> Y:
        key, scale = (
            draw.integers(len(KEYS), size=count),
            draw.integers(len(self.scales), size=count),
        )
        return self.asked(key, scale)

    def asked(self, key: NDArray[np.int64], scale: NDArray[np.int64]) -> Y:
        """y of keys [N] and scales [N], by their numbers."""
        return np.concatenate(
            [np.eye(len(KEYS))[key], np.eye(len(self.scales))[scale]], 1, dtype="f4"
        )

    def score(self, windows: Onsets, y: Y) -> Floats:
        held = (self.members(y)[:, None, :] * classes_of(windows)).sum((1, 2))
        return np.where(windows.count > 0, held / np.maximum(windows.count, 1), 1.0)

    def members(self, y: Y) -> Floats:
        """The pitch classes of each row's scale, 0 or 1 [N, 12]; all where a row asks for none."""
        shapes = np.array([np.isin(np.arange(12), SCALES[name]) for name in self.scales], float)
        at_c = y[:, len(KEYS) :] @ shapes
        rolled = np.stack([np.roll(at_c, key, 1) for key in range(len(KEYS))], 1)
        found = (y[:, : len(KEYS), None] * rolled).sum(1)
        return np.where(found.any(1, keepdims=True), found, 1.0)


@dataclass(frozen=True)
class AtLeast(Rule):
    """c_density: min(1, notes / d). y: one of the numbers d, or none of them."""

    numbers: tuple[int, ...]

    @property
    def conditions(self) -> Sequence[str]:
        return [f"at least {d} notes" for d in self.numbers]

    def drawn(self, count: int, draw: np.random.Generator) -> Y:
        """As often none as any one of them."""
        chosen = draw.integers(1 + len(self.numbers), size=count)
        return np.eye(1 + len(self.numbers), dtype=np.float32)[chosen, 1:]

    def score(self, windows: Onsets, y: Y) -> Floats:
        least = y @ np.array(self.numbers, np.float64)
        return np.where(least > 0, np.minimum(1.0, windows.count / np.maximum(least, 1)), 1.0)


def classes_of(windows: Onsets) -> Floats:
    """Which pitch class every step strikes [N, T, 12]; none where nothing is struck."""
    classes = windows.pitch.astype(np.int64) % 12
    return np.eye(12)[classes] * windows.struck[..., None]
