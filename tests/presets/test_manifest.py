"""The manifest comes back as it was written, and garbage is refused in one way only."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.attributes import ATTRIBUTES
from presets.bar import Meter
from presets.encoding import Encoding, Grid, Vocabulary
from presets.errors import PresetError
from presets.manifest import (
    Calibration,
    Dimension,
    Manifest,
    Provenance,
    describe,
    from_json,
    to_json,
)

FINITE = st.floats(-1e9, 1e9)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
PLAIN = st.recursive(  # JSON that comes back as it went: no NaN, no endless numbers
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def encodings(draw: st.DrawFn) -> Encoding:
    parts = draw(st.sets(st.sampled_from([Fraction(i, 12) for i in range(1, 12)])))
    meter = Meter(draw(st.integers(1, 19)), draw(st.sampled_from([1, 2, 4, 8, 16])))
    grid = Grid((Fraction(0), *sorted(parts)), draw(st.integers(1, 64)), meter)
    low = draw(st.integers(0, 120))
    return Encoding(grid, Vocabulary.midi(low, draw(st.integers(low, 127))))


@st.composite
def calibrations(draw: st.DrawFn) -> Calibration:
    count = draw(st.integers(2, 20))
    steps = draw(st.lists(st.floats(0, 100), min_size=count, max_size=count))
    value = draw(st.lists(FINITE, min_size=count, max_size=count))
    p = [i / (count - 1) for i in range(count)]
    return Calibration(p, list(accumulate(steps)), value)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    grid, vocabulary = describe(draw(encodings()))
    attributes = draw(st.lists(st.sampled_from(list(ATTRIBUTES)), unique=True))
    z = draw(st.integers(len(attributes) or 1, 64))
    return Manifest(
        format=1,
        name=draw(NAMES),
        plays=draw(TEXT),
        grid=grid,
        vocabulary=vocabulary,
        z=z,
        noise=draw(st.lists(st.integers(1, 4096), max_size=3)),
        dimensions=[Dimension(a, i, draw(calibrations())) for i, a in enumerate(attributes)],
        files=draw(st.dictionaries(TEXT, st.from_regex("[0-9a-f]{64}", fullmatch=True))),
        corpus=draw(TEXT),
        licence=draw(TEXT),
        provenance=Provenance(draw(TEXT), draw(st.integers(0, 2**31)), {"a": draw(PLAIN)}, {}, {}),
        quality=draw(st.dictionaries(TEXT, PLAIN, max_size=3)),
        sigma=draw(st.sampled_from([[], [0.5] * z])),
        extensions=draw(st.dictionaries(TEXT, PLAIN, max_size=3)),
    )


@pytest.fixture(scope="module")
def facts(tiny_preset: Path) -> dict[str, Any]:
    """A valid manifest as plain JSON. Tests change copies."""
    return json.loads((tiny_preset / "preset.json").read_bytes())


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    below = [
        place
        for key, child in inner
        if isinstance(child, dict | list)
        for place in _places(child, (*path, key))
    ]
    return below + [
        (*path, key) for key in (value if isinstance(value, dict) else range(len(value)))
    ]


def changed(facts: dict[str, Any], place: tuple[Any, ...], new: Any) -> bytes:
    copy = json.loads(json.dumps(facts))
    parent = copy
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = new
    return json.dumps(copy).encode()


@given(manifests())
def test_a_manifest_comes_back_as_it_was_written(manifest: Manifest) -> None:
    assert from_json(to_json(manifest)) == manifest


@given(encodings())
def test_an_encoding_comes_back_as_it_was_described(encoding: Encoding) -> None:
    facts = dict(zip(("grid", "vocabulary"), describe(encoding), strict=True))
    manifest = Manifest(
        format=1,
        name="a",
        plays="",
        z=1,
        noise=[],
        dimensions=[],
        files={},
        corpus="",
        licence="",
        provenance=Provenance("", 0, {}, {}, {}),
        **facts,
    )
    assert from_json(to_json(manifest)).encoding() == encoding


def test_a_spelled_vocabulary_comes_back(facts: dict[str, Any]) -> None:
    words = {
        "symbols": ["C#4", "Db4", "hold", "rest"],
        "pitches": [61, 61, None, None],
        "hold": 2,
        "rest": 3,
        "spelling": {"61": 1},
    }
    manifest = from_json(changed(facts, ("vocabulary",), words))
    assert manifest.encoding().vocabulary.token_of == {61: 1}


def test_unknown_fields_are_ignored_and_extensions_kept(facts: dict[str, Any]) -> None:
    later = facts | {"mood": "blue", "extensions": {"web": {"colour": [1, 2]}}}
    manifest = from_json(json.dumps(later).encode())
    assert manifest.extensions == {"web": {"colour": [1, 2]}}
    assert b"blue" not in to_json(manifest)


@given(st.binary(max_size=200))
def test_garbage_bytes_are_refused(text: bytes) -> None:
    with pytest.raises(PresetError, match=r"here\.json"):
        from_json(text, "here.json")


@given(JSON)
def test_foreign_json_is_refused(value: Any) -> None:
    with pytest.raises(PresetError, match=r"here\.json"):
        from_json(json.dumps(value).encode(), "here.json")


@given(st.data(), JSON)
def test_one_wrong_entry_is_refused_or_makes_sense(
    facts: dict[str, Any], data: st.DataObject, value: Any
) -> None:
    text = changed(facts, data.draw(st.sampled_from(_places(facts))), value)
    try:
        manifest = from_json(text)
    except PresetError:
        return
    assert from_json(to_json(manifest)) == manifest
    assert manifest.encoding().grid.steps > 0


@given(st.data())
def test_a_manifest_cut_short_is_refused(facts: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(facts).encode()
    with pytest.raises(PresetError):
        from_json(text[: data.draw(st.integers(0, len(text) - 1))])


@pytest.mark.parametrize("version", [0, 2, -1, 10**9])
def test_an_unknown_format_is_refused_with_the_remedy(facts: dict[str, Any], version: int) -> None:
    text = json.dumps({"format": version, "whatever": "a later version writes"}).encode()
    with pytest.raises(PresetError, match=f"has format {version}, .* reads format 1; update"):
        from_json(text)


@pytest.mark.parametrize("field", ["x", "quality"])
def test_deep_nesting_is_refused(facts: dict[str, Any], field: str) -> None:
    text = json.dumps(facts | {field: "DEEP"}).encode()
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(PresetError):
        from_json(text.replace(b'"DEEP"', deep))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "null", "1e999"])
@pytest.mark.parametrize("column", ["p", "z", "value"])
def test_a_calibration_holds_numbers(facts: dict[str, Any], column: str, number: str) -> None:
    text = changed(facts, ("dimensions", 0, "calibration", column, 3), "HERE")
    with pytest.raises(PresetError):
        from_json(text.replace(b'"HERE"', number.encode()))


def test_a_calibration_of_nan_cannot_pass_through_python(facts: dict[str, Any]) -> None:
    table = Calibration([0.0, 1.0], [0.0, 1.0], [0.0, float("nan")])
    manifest = msgspec.convert(facts, Manifest)
    broken = msgspec.structs.replace(manifest, dimensions=[Dimension("density", 0, table)])
    with pytest.raises(PresetError):
        from_json(to_json(broken))


@pytest.mark.parametrize(
    ("place", "new", "says"),
    [
        (("grid", "positions"), ["0", "1/0"], "divides by 0"),
        (("grid", "positions"), ["1/4", "1/2"], "must rise from 0"),
        (("grid", "positions"), ["0", "1/2", "1/2"], "must rise from 0"),
        (("grid", "positions"), ["0", "1"], "stay below 1"),
        (("grid", "positions"), ["0", "1/7"], "whole ticks, 960 to the beat"),
        (("grid",), {"bars": 1, "meter": "6/16", "positions": ["0", "1/64"]}, "240 to the beat"),
        (("vocabulary", "pitches"), [60, None, None], "one pitch a symbol"),
        (("vocabulary", "hold"), 3, "hold and rest"),
        (("vocabulary", "rest"), 30, "hold and rest"),
        (("vocabulary", "spelling"), {"60": 6}, "the spelling of 60"),
        (("vocabulary", "spelling"), {"60": 999}, "the spelling of 60"),
        (("vocabulary", "spelling"), {"None": 30}, "the spelling of None"),
        (("dimensions", 0, "index"), 26, "density lies outside z"),
        (("dimensions", 0, "index"), 1, "share an index"),
        (("keeps",), 3.0, "noise is not by heads"),
        (("dimensions", 0, "takes"), {"density": 0.5}, "no other dimension"),
        (("dimensions", 0, "takes"), {"rhythm": 0.5}, "no other dimension"),
        (("dimensions", 0, "attribute"), "contour", "share an index or an attribute"),
        (("dimensions", 0, "attribute"), "swing", "knows no attribute swing"),
        (("dimensions", 0, "calibration", "z", 3), 99.0, "three rising, equal columns"),
        (("dimensions", 0, "calibration", "p", 0), -0.1, "three rising, equal columns"),
        (("dimensions", 0, "calibration", "value"), [0.0, 1.0], "three rising, equal columns"),
        (("sigma",), [1.0], "sigma must have one entry"),
    ],
)
def test_nonsense_is_refused_in_words(
    facts: dict[str, Any], place: tuple[Any, ...], new: Any, says: str
) -> None:
    with pytest.raises(PresetError) as caught:
        from_json(changed(facts, place, new), "here.json")
    assert says in str(caught.value)
    assert str(caught.value).startswith("here.json makes no sense: ")


@pytest.mark.parametrize(
    ("place", "new"),
    [
        (("name",), "../up"),
        (("name",), "UPPER"),
        (("z",), 0),
        (("z",), 10**9),
        (("grid", "bars"), 1000),
        (("grid", "meter"), "4/0"),
        (("grid", "meter"), "four"),
        (("grid", "swing"), 1),
        (("noise",), [24, 10**9]),
        (("files", "encoder.onnx"), "abc"),
        (("files",), {f"{i}": "0" * 64 for i in range(300)}),
        (("plays",), "long" * 4000),
        (("vocabulary", "pitches", 0), 128),
        (("dimensions", 0, "calibration", "p"), [0.5]),
    ],
)
def test_types_and_sizes_are_checked(
    facts: dict[str, Any], place: tuple[Any, ...], new: Any
) -> None:
    with pytest.raises(PresetError, match="is not a preset's manifest"):
        from_json(changed(facts, place, new))
