"""`preset.json`, format 1: the facts about a model that its graphs cannot say."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from presets.bar import Meter
from presets.encoding import Encoding, Grid, Vocabulary
from presets.errors import PresetError

FORMAT = 1

Count = Annotated[int, Meta(ge=1, le=4096)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Text = Annotated[str, Meta(max_length=4000)]
Numbers = Annotated[list[float], Meta(min_length=2, max_length=1001)]


class GridFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """Bars in a window, meter, and the steps of a beat as fractions of it ("0", "1/4", "1/3")."""

    bars: Annotated[int, Meta(ge=1, le=64)]
    meter: Annotated[str, Meta(pattern=r"^([1-9]|1[0-9])/(1|2|4|8|16)$")]
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

    p: percentiles 0..1; z: the dimension's value there; value: the mean attribute of windows decoded
    with the dimension moved there, in the papers' scale. Equal lengths, p and z increasing.
    """

    p: Numbers
    z: Numbers
    value: Numbers


class Dimension(Struct, frozen=True, forbid_unknown_fields=True):
    """A regularized latent dimension: the attribute that it follows, and its index in z."""

    attribute: Name
    index: Annotated[int, Meta(ge=0)]
    calibration: Calibration


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
    quality: dict[str, Any] = {}
    conditions: dict[str, list[str]] = {}  # actor or critic -> the meaning of each entry of y
    sigma: list[float] = []  # mean encoder scale per dimension, [Z]
    extensions: dict[str, Any] = {}

    @property
    def meter(self) -> Meter:
        beats, unit = self.grid.meter.split("/")
        return Meter(int(beats), int(unit))

    def encoding(self) -> Encoding:
        positions = tuple(Fraction(p) for p in self.grid.positions)
        facts = self.vocabulary
        vocabulary = Vocabulary(
            tuple(facts.symbols),
            tuple(facts.pitches),
            facts.hold,
            facts.rest,
            {int(pitch): token for pitch, token in facts.spelling.items()},
        )
        return Encoding(Grid(positions, self.grid.bars, self.meter), vocabulary)


class _FormatOnly(Struct, frozen=True):
    format: int


def describe(encoding: Encoding) -> tuple[GridFacts, VocabularyFacts]:
    """The manifest's account of an encoding; `Manifest.encoding` reads it back."""
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
    words, z = manifest.vocabulary, manifest.z
    symbols, marks = len(words.symbols), {words.hold, words.rest}
    fractions = [_fraction(p) for p in manifest.grid.positions]
    rules = {
        "positions of the grid must rise from 0 and stay below 1": None not in fractions
        and fractions[0] == 0
        and all(a < b < 1 for a, b in zip(fractions, [*fractions[1:], 1 - 1e-9], strict=True)),  # type: ignore[operator]
        "vocabulary needs one pitch a symbol": len(words.pitches) == symbols,
        "hold and rest must be two symbols of the vocabulary": len(marks) == 2
        and max(marks) < symbols,
        "exactly hold and rest have no pitch": [i for i, p in enumerate(words.pitches) if p is None]
        == sorted(marks),
        "spelling must name symbols by pitch": all(
            re.fullmatch(r"\d{1,3}", k) and v < symbols and words.pitches[v] == int(k)
            for k, v in words.spelling.items()
        ),
        "dimensions must be distinct and below z": len({d.index for d in manifest.dimensions})
        == len({d.attribute for d in manifest.dimensions})
        == len(manifest.dimensions)
        and all(d.index < z for d in manifest.dimensions),
        "calibration columns must be of one length, p and z rising": all(
            _sensible(d.calibration) for d in manifest.dimensions
        ),
        "sigma must have one entry a dimension": len(manifest.sigma) in (0, z),
    }
    for rule, holds in rules.items():
        if not holds:
            raise PresetError(f"{where} makes no sense: {rule}; export the preset again.")


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None


def _sensible(c: Calibration) -> bool:
    rising = all(a < b for a, b in zip(c.p, c.p[1:], strict=False)) and all(
        a <= b for a, b in zip(c.z, c.z[1:], strict=False)
    )
    return len(c.p) == len(c.z) == len(c.value) and rising and 0 <= c.p[0] and c.p[-1] <= 1
