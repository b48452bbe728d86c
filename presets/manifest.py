"""`preset.json`, format 1: the facts about a model that its graphs cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, pairwise
from math import isfinite
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct

from presets import constraint, plane
from presets.attributes import ATTRIBUTES
from presets.bar import METER, Meter
from presets.constraint import Constraint, Name
from presets.encoding import Encoding, Grid, Vocabulary
from presets.errors import PresetError
from presets.keep import by_heads
from presets.plane import Free
from presets.rules import Menu

FORMAT = 1
LOW, HIGH = 0.02, 0.98  # percentiles of the style between which a knob moves

Count = Annotated[int, Meta(ge=1, le=4096)]
Text = Annotated[str, Meta(max_length=4000)]
Numbers = Annotated[list[float], Meta(min_length=2, max_length=1001)]


class GridFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """Bars in a window, meter, and the steps of a beat as fractions of it ("0", "1/4", "1/3")."""

    bars: Annotated[int, Meta(ge=1, le=64)]
    meter: Annotated[str, Meta(pattern=METER)]
    positions: Annotated[
        list[Annotated[str, Meta(pattern=r"^\d{1,3}(/\d{1,3})?$")]],
        Meta(min_length=1, max_length=96),
    ]


class VocabularyFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """Symbols with their MIDI pitches (null for hold and rest) and, if spelled, pitch → symbol."""

    symbols: Annotated[
        list[Annotated[str, Meta(max_length=16)]], Meta(min_length=3, max_length=1024)
    ]
    pitches: list[Annotated[int, Meta(ge=0, le=127)] | None]
    hold: Annotated[int, Meta(ge=0)]
    rest: Annotated[int, Meta(ge=0)]
    spelling: dict[str, int] = {}


class Calibration(Struct, frozen=True, forbid_unknown_fields=True):
    """How a dimension lies over the training windows, and what is heard along it.

    p: percentiles 0..1; z: the dimension's value there; value: the mean attribute of windows
    decoded with the dimension moved there, in the papers' scale. p and z rise.
    """

    p: Numbers
    z: Numbers
    value: Numbers

    def at(self, p: float) -> float:
        """The dimension's value at a percentile 0..1."""
        return float(np.interp(p, self.p, self.z))

    def target(self, z: float) -> float:
        """Where between the style's ends, 0 to 1, a value lies: what a knob's target is there."""
        p = float(np.interp(z, self.z, self.p))
        return min(max((p - LOW) / (HIGH - LOW), 0.0), 1.0)


class Dimension(Struct, frozen=True, forbid_unknown_fields=True):
    """A regularized latent dimension: the attribute that it follows, and its index in z.

    takes: attributes that are tied to it, such as density to rhythm, and by how much their own
    dimensions move for every 1 that a turn of this one moves it.
    """

    attribute: Name
    index: Annotated[int, Meta(ge=0)]
    calibration: Calibration
    takes: dict[Name, float] = {}


class Provenance(Struct, frozen=True):
    """Where the model comes from: enough to make it again."""

    command: Text
    seed: int
    config: dict[str, Any]
    data: dict[str, Any]
    versions: dict[str, str]
    commit: Text = ""


class Manifest(Struct, frozen=True, omit_defaults=True):
    """Everything in `preset.json`. Unknown fields are ignored; new things go under `extensions`."""

    format: int
    name: Name
    plays: Text  # one sentence
    grid: GridFacts
    vocabulary: VocabularyFacts
    z: Count
    noise: Annotated[list[Count], Meta(max_length=3)]  # the decoder's noise, without the batch
    dimensions: Annotated[list[Dimension], Meta(max_length=64)]
    files: Annotated[
        dict[str, Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]], Meta(max_length=256)
    ]
    corpus: Text
    licence: Text
    provenance: Provenance
    keeps: Annotated[float, Meta(ge=0, le=100)] = 0.0  # nats to what was played: see `keep`
    quality: dict[str, Any] = {}
    constraints: Annotated[list[Constraint], Meta(max_length=16)] = []
    sigma: list[float] = []  # mean encoder scale per dimension, [Z]
    extensions: dict[str, Any] = {}

    @property
    def meter(self) -> Meter:
        return Meter.read(self.grid.meter)

    @property
    def menus(self) -> list[Menu]:
        """What constraints can be asked for; one without menus is on or off."""
        own = (c.menus or [Menu(c.name, ("on",))] for c in self.constraints)
        return list(chain.from_iterable(own))

    @property
    def knobs(self) -> list[str]:
        """The attributes that can be turned, in the order of the dimensions."""
        return [dimension.attribute for dimension in self.dimensions]

    @property
    def free(self) -> dict[str, Free]:
        """The second axis of every knob's map, in presets that have one."""
        return plane.free_of(self.extensions)

    def encoding(self) -> Encoding:
        return encoding_of(self.grid, self.vocabulary)


class _FormatOnly(Struct, frozen=True):
    format: int


def describe(encoding: Encoding) -> tuple[GridFacts, VocabularyFacts]:
    """The manifest's account of an encoding; `encoding_of` reads it back."""
    grid, words = encoding.grid, encoding.vocabulary
    return (
        GridFacts(grid.bars, str(grid.meter), [str(p) for p in grid.positions]),
        VocabularyFacts(
            list(words.symbols),
            list(words.pitches),
            words.hold,
            words.rest,
            {str(pitch): token for pitch, token in words.spelling.items()},
        ),
    )


def encoding_of(grid: GridFacts, words: VocabularyFacts) -> Encoding:
    """What `describe` told of."""
    positions = tuple(Fraction(p) for p in grid.positions)
    spelling = {int(pitch): token for pitch, token in words.spelling.items()}
    vocabulary = Vocabulary(
        tuple(words.symbols), tuple(words.pitches), words.hold, words.rest, spelling
    )
    return Encoding(Grid(positions, grid.bars, Meter.read(grid.meter)), vocabulary)


def to_json(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def from_json(text: bytes, where: str = "preset.json") -> Manifest:
    """Read and check a manifest. Raises PresetError with a sentence that names `where`."""
    try:
        version = msgspec.json.decode(text, type=_FormatOnly).format
        if version != FORMAT:
            raise PresetError(
                f"{where} has format {version}, and this version of glissar reads format {FORMAT}; "
                "update glissar or export the preset again."
            )
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PresetError(
            f"{where} is not a preset's manifest ({error}); export it again."
        ) from error
    _check_sense(manifest, where)
    return manifest


def _check_sense(manifest: Manifest, where: str) -> None:
    """What types cannot say."""
    for problem in chain(
        _grid_problems(manifest.grid),
        _vocabulary_problems(manifest.vocabulary),
        _dimension_problems(manifest),
        constraint.problems(manifest.constraints, manifest.files),
        _map_problems(manifest),
    ):
        raise PresetError(f"{where} makes no sense: {problem}; export the preset again.")


def _grid_problems(grid: GridFacts) -> Iterator[str]:
    parts = [p.partition("/") for p in grid.positions]
    if any(int(bottom or "1") == 0 for _, _, bottom in parts):
        yield "a position of the grid divides by 0"
        return
    positions = [Fraction(p) for p in grid.positions]
    if positions[0] != 0 or positions[-1] >= 1 or any(a >= b for a, b in pairwise(positions)):
        yield "positions of the grid must rise from 0 and stay below 1"
    beat = Meter.read(grid.meter).beat_ticks
    if any((p * beat).denominator != 1 for p in positions):
        yield f"positions of the grid must be whole ticks, {beat} to the beat"


def _vocabulary_problems(words: VocabularyFacts) -> Iterator[str]:
    symbols = len(words.symbols)
    silent = [token for token, pitch in enumerate(words.pitches) if pitch is None]
    if len(words.pitches) != symbols:
        yield "the vocabulary needs one pitch a symbol"
    elif silent != sorted({words.hold, words.rest}) or len(silent) != 2:
        yield "hold and rest must be the two symbols without a pitch"
    sounding = {
        (str(pitch), token) for token, pitch in enumerate(words.pitches) if pitch is not None
    }
    for pitch, token in words.spelling.items():
        if (pitch, token) not in sounding:
            yield f"the spelling of {pitch} is not a symbol of that pitch"


def _dimension_problems(manifest: Manifest) -> Iterator[str]:
    dimensions = manifest.dimensions
    for dimension in dimensions:
        if dimension.index >= manifest.z:
            yield f"dimension {dimension.attribute} lies outside z"
        if dimension.attribute not in ATTRIBUTES:
            yield f"this version of glissar knows no attribute {dimension.attribute}"
        if not _sensible(dimension.calibration):
            yield f"the calibration of {dimension.attribute} must be three rising, equal columns"
        if not _sensible_takes(dimension, dimensions):
            yield f"{dimension.attribute} takes along what is no other dimension, or no finite way"
    taken = {d.index for d in dimensions} | {d.attribute for d in dimensions}
    if len(taken) != 2 * len(dimensions):
        yield "two dimensions share an index or an attribute"
    if manifest.keeps and not by_heads(manifest.noise, manifest.encoding()):
        yield "it keeps what was played, but its noise is not by heads"
    if len(manifest.sigma) not in (0, manifest.z):
        yield "sigma must have one entry a dimension"


def _map_problems(manifest: Manifest) -> Iterator[str]:
    taken = {d.attribute: d.index for d in manifest.dimensions}
    return plane.problems(manifest.extensions, taken, manifest.z, manifest.files)


def _sensible_takes(dimension: Dimension, dimensions: list[Dimension]) -> bool:
    others = {d.attribute for d in dimensions} - {dimension.attribute}
    return set(dimension.takes) <= others and all(map(isfinite, dimension.takes.values()))


def _sensible(c: Calibration) -> bool:
    columns = len(c.p) == len(c.z) == len(c.value)
    finite = all(map(isfinite, (*c.p, *c.z, *c.value)))
    rising = all(a < b for a, b in pairwise(c.p)) and all(a <= b for a, b in pairwise(c.z))
    return columns and finite and rising and c.p[0] >= 0 and c.p[-1] <= 1
