"""The map of a preset: for every knob, its attribute on a plane through the latent space.

x is the knob's own dimension, as `target` goes through the style; y is a free dimension, one that
follows no attribute, from end to end of what the prior draws. `survey` makes maps, this reads them.
What the axes are stands in the manifest, the pictures in `map.npz`: an array a knob [y, x], in the
attribute's own units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import isfinite
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

MAP = "map.npz"
EXTENSION = "map"  # what of the manifest's extensions tells of it
LEAST, MOST = 2, 64  # cells along an axis
LARGEST = 1 << 20  # bytes, unpacked

Plane = NDArray[np.float16]


class Free(Struct, frozen=True):
    """The y of a knob's plane: a dimension of z, the places between which it goes, and how many of
    a window's steps are others from the one to the other (a mean share)."""

    index: Annotated[int, Meta(ge=0, le=4095)]
    low: float
    high: float
    changes: float = 0.0

    def at(self, place: float) -> float:
        """z at 0 (low) to 1 (high)."""
        return self.low + place * (self.high - self.low)

    def place(self, z: float) -> float:
        """0 to 1, of what lies beyond an end that end."""
        return min(max((z - self.low) / (self.high - self.low), 0.0), 1.0)


class Told(Struct, frozen=True):
    """`extensions.map` of a manifest."""

    free: Annotated[dict[str, Free], Meta(max_length=64)]


def free_of(extensions: Mapping[str, Any]) -> dict[str, Free]:
    """By knob; none where a preset has no map. Raises msgspec.ValidationError."""
    told = extensions.get(EXTENSION)
    return {} if told is None else msgspec.convert(told, Told).free


def extended(extensions: Mapping[str, Any], free: Mapping[str, Free]) -> dict[str, Any]:
    """With a map's axes among them."""
    return {**extensions, EXTENSION: msgspec.to_builtins(Told(dict(free)))}


def problems(
    extensions: Mapping[str, Any], taken: Mapping[str, int], z: int, files: Mapping[str, str]
) -> Iterator[str]:
    """What makes no sense; `taken` are the dimensions of the knobs."""
    try:
        free = free_of(extensions)
    except msgspec.ValidationError as error:
        yield f"its map is none ({error})"
        return
    if free and MAP not in files:
        yield f"it tells of a map and lists no {MAP}"
    often = Counter(chain(taken.values(), (axis.index for axis in free.values())))
    for knob, axis in free.items():
        if knob not in taken:
            yield "its map is of a knob that it does not have"
        if axis.index >= z or often[axis.index] > 1:
            yield f"the free dimension of {knob} lies outside z or is not free"
        if not (isfinite(axis.low) and isfinite(axis.high) and axis.low < axis.high):
            yield f"the free dimension of {knob} goes nowhere"


def check(arrays: Mapping[str, NDArray[Any]], knobs: Sequence[str]) -> dict[str, Plane]:
    """The planes of these knobs. Raises ValueError."""
    for knob in knobs:
        plane = arrays.get(knob)
        if plane is None:
            raise ValueError(f"nothing of {knob}")
        if plane.dtype != np.float16 or plane.ndim != 2:
            raise ValueError(f"{knob} is no plane of float16")
        if not all(LEAST <= size <= MOST for size in plane.shape):
            raise ValueError(f"{knob} has {plane.shape} cells")
        if not np.isfinite(plane).all():
            raise ValueError(f"{knob} has cells without a value")
    return {knob: arrays[knob].astype(np.float16, copy=False) for knob in knobs}


def added(text: bytes, free: Mapping[str, Free], sha256: str) -> bytes:
    """A manifest's text with a map; all else in it stays as it is."""
    told = msgspec.json.decode(without(text))
    told["files"][MAP] = sha256
    told["extensions"] = extended(told.get("extensions", {}), free)
    return msgspec.json.format(msgspec.json.encode(told), indent=1)


def without(text: bytes) -> bytes:
    """A manifest's text as it was before a map was added."""
    told = msgspec.json.decode(text)
    if told["files"].pop(MAP, None) is None:
        return text
    extensions = told.get("extensions", {})
    extensions.pop(EXTENSION, None)
    if not extensions:
        told.pop("extensions", None)
    return msgspec.json.format(msgspec.json.encode(told), indent=1)
