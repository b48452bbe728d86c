"""Maps are made of a decoder alone: what y is, and what is heard at each place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from presets import survey
from presets.attributes import ATTRIBUTES
from presets.errors import PresetError
from presets.folders import shipped
from presets.manifest import HIGH, LOW, Manifest
from presets.plane import MAP
from presets.preset import Preset, read, read_named


@pytest.fixture
def tiny(tiny_preset: Path) -> Preset:
    return read(tiny_preset)


def follower(index: int, steps: int = 24) -> survey.Decode:
    """A decoder that strikes a note for every tenth of one dimension, and holds else."""

    def decode(z: survey.Z) -> np.ndarray:
        count = np.clip(np.round(10 * z[:, index] + 12), 0, steps).astype(int)
        return np.where(np.arange(steps) < count[:, None], 5, 30)

    return decode


def test_the_busiest_free_dimensions_come_first_and_each_knob_has_its_own(tiny: Preset) -> None:
    manifest = tiny.manifest

    def decode(z: survey.Z) -> np.ndarray:
        tokens = np.full((len(z), 24), 30)
        tokens[:, :9] = np.where(z[:, 7:8] > 0, 5, 30)
        tokens[:, 9:12] = np.where(z[:, 4:5] > 0, 5, 30)
        tokens[:, 12:] = np.where(z[:, 0:1] > 0, 5, 30)  # a knob's own
        return tokens

    free = survey.busiest(manifest, decode)
    assert [(axis.index, axis.changes) for axis in free] == [(7, 9 / 24), (4, 3 / 24)]
    assert set(survey.survey(manifest, decode)) == {"density", "contour"}


def test_a_dimension_that_changes_nothing_is_no_axis(tiny: Preset) -> None:
    found = survey.survey(tiny.manifest, follower(5))
    assert list(found) == ["density"]
    axis, plane = found["density"]
    assert axis.index == 5
    rows = np.clip(np.round(10 * np.linspace(axis.low, axis.high, survey.SIZE) + 12), 0, 24)
    assert np.array_equal(plane, np.tile(rows[:, None], survey.SIZE))  # in notes; x changes nothing


def test_x_goes_as_the_knobs_target(mapped_preset: Path) -> None:
    """Moving density's dimension by 1 adds 4 notes to the tiny preset's 8."""
    mapped = read(mapped_preset)
    (density, _) = mapped.manifest.dimensions
    places = [density.calibration.at(p) for p in np.linspace(LOW, HIGH, survey.SIZE)]
    expected = np.round(4 * np.array(places, np.float32) + 8)
    assert np.array_equal(mapped.planes()["density"][survey.SIZE // 2], expected)


def test_the_points_are_the_middle_of_the_style_but_for_two_dimensions(tiny: Preset) -> None:
    density, _ = tiny.manifest.dimensions
    (axis,) = survey.busiest(tiny.manifest, follower(5))
    points = survey.points(tiny.manifest, density, axis)
    others = [i for i in range(tiny.manifest.z) if i not in (density.index, axis.index)]
    assert np.array_equal(
        points[..., others], np.broadcast_to(survey.middle(tiny.manifest)[others], (32, 32, 24))
    )
    assert (np.diff(points[:, :, density.index], axis=1) > 0).all()
    assert (np.diff(points[:, :, axis.index], axis=0) > 0).all()


def test_what_a_knob_takes_along_goes_along(tiny: Preset) -> None:
    density, contour = tiny.manifest.dimensions
    tied = replace(density, takes={"contour": 0.5})
    manifest = replace(tiny.manifest, dimensions=[tied, contour])
    (axis,) = survey.busiest(manifest, follower(5))
    points = survey.points(manifest, tied, axis) - survey.middle(manifest)
    assert np.allclose(points[..., contour.index], 0.5 * points[..., density.index])


def without_knobs(manifest: Manifest) -> Manifest:
    return replace(manifest, dimensions=[])


def test_a_preset_without_knobs_is_left_as_it_is(tiny: Preset) -> None:
    bare = without_knobs(tiny.manifest)
    assert survey.mapped(bare, tiny.files, follower(5)) == (bare, tiny.files)


def test_no_map_can_be_added_where_nothing_is_free(tiny: Preset) -> None:
    with pytest.raises(PresetError, match="no map"):
        survey.add(tiny, follower(0))
    assert MAP not in read(tiny.folder).files


@pytest.mark.parametrize("name", [name for name in shipped() if read_named(name).manifest.knobs])
def test_every_shipped_preset_with_knobs_has_a_map_within_the_attributes_reach(name: str) -> None:
    preset = read_named(name)
    planes = preset.planes()
    assert list(planes) == preset.manifest.knobs
    assert len(preset.files[MAP]) < 40_000
    for knob, plane in planes.items():
        low, high = plane.astype(float).min(), plane.astype(float).max()
        assert low < high, knob
        assert -127 <= low <= high <= ATTRIBUTES[knob].scale(preset.encoding.grid) * 127
        west, east = plane[:, : survey.SIZE // 4].mean(), plane[:, -survey.SIZE // 4 :].mean()
        assert west < east, knob
