"""The map of a preset is read as a stranger's, and with one it is still known as what it was."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from presets.errors import PresetError
from presets.plane import LEAST, MAP, MOST, Free, added, check, without
from presets.preset import Preset, digest, read, to_npz

WHOLE = np.zeros((4, 4), np.float16)


@pytest.fixture
def mapped(mapped_preset: Path) -> Preset:
    return read(mapped_preset)


def with_map(preset: Preset, content: bytes) -> Preset:
    return replace(preset, files={**preset.files, MAP: content})


def test_a_map_is_one_file_more_that_the_manifest_lists(mapped: Preset, tiny_preset: Path) -> None:
    assert set(mapped.files) - set(read(tiny_preset).files) == {MAP}
    assert set(mapped.planes()) == set(mapped.manifest.free) == {"density", "contour"}


def test_a_preset_without_a_map_has_no_planes(tiny_preset: Path) -> None:
    assert read(tiny_preset).planes() == {}


def test_a_mapped_preset_is_still_known_as_what_it_was(mapped: Preset, tiny_preset: Path) -> None:
    tiny = read(tiny_preset)
    assert mapped.unmapped == tiny.unmapped == tiny.sha256
    assert mapped.sha256 != tiny.sha256


def test_taking_a_map_out_undoes_adding_it(tiny_preset: Path) -> None:
    text = (tiny_preset / "preset.json").read_bytes()
    twice = added(added(text, {"density": Free(2, -1, 1)}, "0" * 64), {}, "1" * 64)
    assert without(twice) == without(text) == text
    told = json.loads(text) | {"later": 1, "extensions": {"other": [1]}}
    kept = json.loads(without(added(json.dumps(told).encode(), {}, "0" * 64)))
    assert kept == told


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"density": {"index": 0, "low": -2, "high": 2}}, "not free"),
        ({"density": {"index": 99, "low": -2, "high": 2}}, "outside z"),
        ({"density": {"index": 2, "low": 2, "high": 2}}, "goes nowhere"),
        ({"rhythm": {"index": 2, "low": -2, "high": 2}}, "a knob that it does not have"),
        ({n: {"index": 2, "low": 0, "high": 1} for n in ("density", "contour")}, "not free"),
        ({"density": {"index": -1, "low": -2, "high": 2}}, "its map is none"),
        ({"density": "high"}, "its map is none"),
        (3, "its map is none"),
    ],
)
def test_a_manifest_whose_map_makes_no_sense_is_refused(
    mapped_preset: Path, tmp_path: Path, change: Any, problem: str
) -> None:
    folder = Path(shutil.copytree(mapped_preset, tmp_path / "copy"))
    facts = json.loads((folder / "preset.json").read_bytes())
    facts["extensions"]["map"] = {"free": change}
    (folder / "preset.json").write_text(json.dumps(facts))
    with pytest.raises(PresetError, match=problem):
        read(folder)


def test_a_map_that_is_told_of_must_be_listed(mapped_preset: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(mapped_preset, tmp_path / "copy"))
    facts = json.loads((folder / "preset.json").read_bytes())
    del facts["files"][MAP]
    (folder / "preset.json").write_text(json.dumps(facts))
    with pytest.raises(PresetError, match=f"lists no {MAP}"):
        read(folder)


@pytest.mark.parametrize(
    ("plane", "problem"),
    [
        (np.zeros((4, 4), np.float32), "no plane of float16"),
        (np.zeros(16, np.float16), "no plane"),
        (np.zeros((4, MOST + 1), np.float16), "cells"),
        (np.zeros((LEAST - 1, 4), np.float16), "cells"),
        (np.full((4, 4), np.nan, np.float16), "without a value"),
        (np.array([["a", "b"]] * 2), "no plane"),
    ],
)
def test_a_plane_that_is_none_is_refused(mapped: Preset, plane: Any, problem: str) -> None:
    with pytest.raises(PresetError, match=rf"map.npz is no map \(.*{problem}"):
        with_map(mapped, to_npz({"density": plane, "contour": WHOLE})).planes()


def test_a_knob_without_its_plane_is_refused(mapped: Preset) -> None:
    with pytest.raises(PresetError, match="nothing of density"):
        with_map(mapped, to_npz({"contour": WHOLE})).planes()


def test_a_map_is_never_unpickled_and_never_large(mapped: Preset) -> None:
    content = io.BytesIO()
    np.savez(content, density=np.array([print], object))
    for bad in (content.getvalue(), to_npz({"density": np.zeros(1 << 20, np.float16)})):
        with pytest.raises(PresetError, match=r"map\.npz"):
            with_map(mapped, bad).planes()


@given(st.binary(max_size=600), st.integers(0, 2000), st.booleans())
def test_any_bytes_are_a_map_or_a_sentence(
    mapped_preset: Path, other: bytes, at: int, inside: bool
) -> None:
    mapped = read(mapped_preset)
    whole = mapped.files[MAP]
    content = whole[:at] + other + whole[at + len(other) :] if inside else other
    try:
        planes = with_map(mapped, content).planes()
    except PresetError as error:
        said = str(error)
    else:
        said = MAP
        assert set(planes) == {"density", "contour"}
    assert MAP in said


@given(
    st.dictionaries(
        st.sampled_from(["density", "contour", "x"]),
        arrays.arrays(
            st.sampled_from([np.float16, np.float32, np.int64]),
            arrays.array_shapes(max_dims=3, max_side=70),
        ),
    )
)
def test_what_passes_can_be_drawn(found: dict[str, Any]) -> None:
    try:
        planes = check(found, ["density"])
    except ValueError:
        return
    assert LEAST <= min(planes["density"].shape) <= max(planes["density"].shape) <= MOST
    assert np.isfinite(planes["density"]).all()


def test_the_files_hash_is_in_the_manifest(mapped: Preset) -> None:
    assert mapped.manifest.files[MAP] == digest(mapped.files[MAP])
