"""What may be asked of a window, as a score from 0 to 1 (Engel et al. 2018, eq. 4).

A rule has menus, so that one actor serves them all: which key, which scale, how many notes. A row
of y has for each entry of each menu a 1 where it is chosen; of a menu without a 1 nothing is asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from presets.attributes import Onsets, onsets_of
from presets.encoding import Encoding, Tokens

Floats = NDArray[np.float64]
Y = NDArray[np.float32]  # [N, Y]

KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),  # natural
    "pentatonic": (0, 2, 4, 7, 9),
    "blues": (0, 3, 5, 6, 7, 10),
}


class Menu(Struct, frozen=True, forbid_unknown_fields=True):
    """A choice of one entry or none."""

    name: str
    entries: tuple[str, ...]

    def rows(self, chosen: NDArray[np.int64]) -> Y:
        """y of entries by their numbers [N]; −1 is none."""
        return (chosen[:, None] == np.arange(len(self.entries))).astype(np.float32)


class Rule(ABC):
    @property
    @abstractmethod
    def menus(self) -> tuple[Menu, ...]:
        """Its part of y, in this order."""

    @abstractmethod
    def score(self, windows: Onsets, y: Y) -> Floats:
        """How well each window does what its row [N, Y] asks: 0 … 1 [N]."""

    def judge(self, tokens: Tokens, encoding: Encoding, y: Y) -> Floats:
        """`score`, of token windows [N, T]."""
        return self.score(onsets_of(tokens, encoding), y)

    def drawn(self, count: int, draw: np.random.Generator) -> Y:
        """What `count` windows are asked for in training [N, Y]: in each menu as often none as any
        one of its entries."""
        sizes = [len(menu.entries) for menu in self.menus]
        chosen = [draw.integers(-1, size, size=count) for size in sizes]
        return self._rows(chosen, count)

    def _rows(self, chosen: Sequence[NDArray[np.int64]], count: int) -> Y:
        rows = [menu.rows(each) for menu, each in zip(self.menus, chosen, strict=True)]
        return np.concatenate([np.zeros((count, 0), np.float32), *rows], 1)


@dataclass(frozen=True)
class Scale(Rule):
    """c_pitch: the share of the notes that lie in a scale. A window without a note is right."""

    scales: tuple[str, ...] = tuple(SCALES)
    keys: tuple[str, ...] = KEYS

    def __post_init__(self) -> None:
        if not set(self.scales) <= set(SCALES):
            raise ValueError(f"scales are {', '.join(SCALES)}")
        if not set(self.keys) <= set(KEYS):
            raise ValueError(f"keys are {', '.join(KEYS)}")

    @property
    def menus(self) -> tuple[Menu, ...]:
        return Menu("key", self.keys), Menu("scale", self.scales)

    def drawn(self, count: int, draw: np.random.Generator) -> Y:
        """As every rule; but a key is drawn where a scale is, as one asks nothing alone."""
        keys, scales = (len(menu.entries) for menu in self.menus)
        scale = draw.integers(-1, scales, size=count)
        key = np.where(scale < 0, -1, draw.integers(keys, size=count))
        return self._rows([key, scale], count)

    def score(self, windows: Onsets, y: Y) -> Floats:
        held = (self.members(y)[:, None, :] * classes_of(windows)).sum((1, 2))
        return np.where(windows.count > 0, held / np.maximum(windows.count, 1), 1.0)

    def members(self, y: Y) -> Floats:
        """The pitch classes of each row's scale, 0 or 1 [N, 12]; all where key or scale is left."""
        shapes = np.array([np.isin(np.arange(12), SCALES[name]) for name in self.scales], float)
        at_c = y[:, len(self.keys) :] @ shapes
        in_keys = np.stack([np.roll(at_c, KEYS.index(key), 1) for key in self.keys], 1)
        found = (y[:, : len(self.keys), None] * in_keys).sum(1)
        return np.where(found.any(1, keepdims=True), found, 1.0)


@dataclass(frozen=True)
class AtLeast(Rule):
    """c_density: min(1, notes / d), for a menu of numbers d."""

    numbers: tuple[int, ...]

    @property
    def menus(self) -> tuple[Menu, ...]:
        return (Menu("density", tuple(map(str, self.numbers))),)

    def score(self, windows: Onsets, y: Y) -> Floats:
        least = y @ np.array(self.numbers, np.float64)
        return np.where(least > 0, np.minimum(1.0, windows.count / np.maximum(least, 1)), 1.0)


# By the name of the critic that learns it: a rule from the menus that a manifest lists.
# What is missing there, or unknown here, raises KeyError or ValueError.
RULES: dict[str, Callable[[Mapping[str, Menu]], Rule]] = {
    "scale": lambda menus: Scale(menus["scale"].entries, menus["key"].entries),
    "density": lambda menus: AtLeast(tuple(map(int, menus["density"].entries))),
}


def row(menus: Sequence[Menu], choices: Mapping[str, str]) -> Y:
    """y of one window [1, Y], by the entry chosen in each menu; a menu may be left out."""
    parts = [np.zeros((1, 0), np.float32)]
    for menu in menus:
        entry = choices.get(menu.name)
        number = menu.entries.index(entry) if entry in menu.entries else -1
        parts.append(menu.rows(np.array([number])))
    return np.concatenate(parts, 1)


def classes_of(windows: Onsets) -> Floats:
    """Which pitch class every step strikes [N, T, 12]; none where nothing is struck."""
    classes = windows.pitch.astype(np.int64) % 12
    return np.eye(12)[classes] * windows.struck[..., None]
