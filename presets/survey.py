"""Making the map of a preset: see `plane`. All that it needs of a model is its decoder.

It is added to a preset that is there, or to the files of one that is being exported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from presets.attributes import ATTRIBUTES, measure
from presets.encoding import Encoding, Tokens
from presets.errors import PresetError
from presets.folders import MANIFEST, MAX_MANIFEST, read_bytes
from presets.manifest import HIGH, LOW, Dimension, Manifest
from presets.plane import MAP, Free, Plane, added, extended
from presets.preset import Preset, digest, read, to_npz
from presets.write import place

Z = NDArray[np.float32]
Decode = Callable[[Z], Tokens]  # points [N, Z] → the most likely tokens [N, T]
Found = dict[str, tuple[Free, Plane]]  # by knob: what y is, and the plane [y, x]

SIZE = 32  # cells along each axis
END = 2.0  # of a free dimension, to either side: 95 of 100 draws of the prior lie between
DRAWN = 32  # points of the prior at which the free dimensions are tried
BATCH = 64  # points that are decoded at once


def add(preset: Preset, decode: Decode) -> Preset:
    """Give a preset a map, or another one; all of it or nothing. Raises GlissarError."""
    free, content = _parts(survey(preset.manifest, decode))
    if not free:
        raise PresetError(f"{preset.folder} has no knob with a free dimension beside: no map.")
    text = read_bytes(preset.folder, MANIFEST, MAX_MANIFEST)
    if digest(text) != preset.sha256:
        raise PresetError(f"{preset.folder / MANIFEST} has just changed; map the preset again.")
    files = {**preset.files, MAP: content, MANIFEST: added(text, free, digest(content))}
    place(preset.folder, files, read)
    return read(preset.folder)


def mapped(
    manifest: Manifest, files: Mapping[str, bytes], decode: Decode
) -> tuple[Manifest, dict[str, bytes]]:
    """What is about to be written, with a map where there can be one."""
    free, content = _parts(survey(manifest, decode))
    if not free:
        return manifest, dict(files)
    told = replace(manifest, extensions=extended(manifest.extensions, free))
    return told, {**files, MAP: content}


def survey(manifest: Manifest, decode: Decode) -> Found:
    """A preset with fewer free dimensions than knobs has no plane for the last ones.

    The free dimensions are ranked by how many steps they change from end to end, and each knob gets
    one of its own, in the order of the manifest: so no two dots move each other.
    """
    free, encoding = busiest(manifest, decode), manifest.encoding()
    dimensions = manifest.dimensions[: len(free)]
    return {
        dimension.attribute: (axis, _plane(manifest, dimension, axis, decode, encoding))
        for dimension, axis in zip(dimensions, free, strict=False)
    }


def busiest(manifest: Manifest, decode: Decode) -> list[Free]:
    """The free dimensions that change most, as many as there are knobs."""
    taken = {dimension.index for dimension in manifest.dimensions}
    draws = np.random.default_rng(0).standard_normal((DRAWN, manifest.z)).astype(np.float32)
    if not taken:
        return []
    found = [
        Free(index, -END, END, _changes(draws, index, decode))
        for index in range(manifest.z)
        if index not in taken
    ]
    moving = [axis for axis in found if axis.changes > 0]
    return sorted(moving, key=lambda axis: -axis.changes)[: len(taken)]


def middle(manifest: Manifest) -> Z:
    """The point [Z] in the middle of the style: the median of every knob, 0 of all else."""
    point = np.zeros(manifest.z, np.float32)
    for dimension in manifest.dimensions:
        point[dimension.index] = dimension.calibration.at(0.5)
    return point


def points(manifest: Manifest, dimension: Dimension, axis: Free) -> Z:
    """The plane's points [y, x, Z]: x as the knob's target turns the middle of the style."""
    here = middle(manifest)
    index = {d.attribute: d.index for d in manifest.dimensions}
    found = np.tile(here, (SIZE, SIZE, 1))
    percentiles = np.linspace(LOW, HIGH, SIZE)
    by = np.array([dimension.calibration.at(p) for p in percentiles]) - here[dimension.index]
    found[:, :, dimension.index] += by
    for name, share in dimension.takes.items():
        found[:, :, index[name]] += share * by
    found[:, :, axis.index] = np.linspace(axis.low, axis.high, SIZE)[:, None]
    return found


def _parts(found: Found) -> tuple[dict[str, Free], bytes]:
    free = {knob: axis for knob, (axis, _) in found.items()}
    return free, to_npz({knob: plane for knob, (_, plane) in found.items()})


def _changes(draws: Z, index: int, decode: Decode) -> float:
    low, high = draws.copy(), draws.copy()
    low[:, index], high[:, index] = -END, END
    return round(float((_decoded(low, decode) != _decoded(high, decode)).mean()), 4)


def _plane(
    manifest: Manifest, dimension: Dimension, axis: Free, decode: Decode, encoding: Encoding
) -> Plane:
    tokens = _decoded(points(manifest, dimension, axis).reshape(-1, manifest.z), decode)
    values = measure(tokens, encoding, [dimension.attribute]).reshape(SIZE, SIZE)
    return (values * ATTRIBUTES[dimension.attribute].scale(encoding.grid)).astype(np.float16)


def _decoded(z: Z, decode: Decode) -> Tokens:
    return np.concatenate([decode(z[row : row + BATCH]) for row in range(0, len(z), BATCH)])
