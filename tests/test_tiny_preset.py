"""The preset that other tests lean on does what its docstring says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from presets import preset
from presets.attributes import measure


@pytest.fixture(scope="module")
def tiny(tiny_preset: Path) -> preset.Preset:
    return preset.read(tiny_preset)


def _decode(tiny: preset.Preset, z: np.ndarray) -> np.ndarray:
    noise = np.zeros((len(z), *tiny.manifest.noise), np.float32)
    session = ort.InferenceSession(tiny.graph("decoder.onnx"), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["tokens"], {"z": z, "noise": noise})[0])


def test_decoding_what_was_encoded_gives_it_back(tiny: preset.Preset) -> None:
    golden = tiny.golden()
    assert np.array_equal(_decode(tiny, golden["mu"]), golden["tokens"])


@pytest.mark.parametrize("turn", [-1.0, 0.5, 1.0, 2.0])
def test_the_density_dimension_adds_and_takes_notes(tiny: preset.Preset, turn: float) -> None:
    golden, steps = tiny.golden(), tiny.encoding.grid.steps
    counts = np.round(measure(golden["tokens"], tiny.encoding, ["density"])[:, 0] * steps)
    z = golden["mu"] + np.eye(tiny.manifest.z, dtype=np.float32)[0] * np.float32(turn)
    moved = np.round(measure(_decode(tiny, z), tiny.encoding, ["density"])[:, 0] * steps)
    assert np.array_equal(moved, np.clip(counts + 4 * turn, 0, steps))


def test_the_contour_dimension_bends_the_line(tiny: preset.Preset) -> None:
    tokens = np.full((1, 24), 30)
    tokens[0, [0, 6, 12]] = 10, 12, 14  # F4 G4 A4
    density, contour = 3, 4
    z = np.zeros((1, tiny.manifest.z), np.float32)
    z[0, 2:] = (tokens - 16) / 8
    z[0, 0], z[0, 1] = (density - 8) / 4, (contour + 6) / 12
    assert _decode(tiny, z)[0, [0, 6, 12]].tolist() == [10, 15, 20]


def test_calibration_says_what_is_heard(tiny: preset.Preset) -> None:
    density = tiny.manifest.dimensions[0]
    for place, value in zip(density.calibration.z, density.calibration.value, strict=True):
        z = tiny.golden()["mu"].copy()
        z[:, density.index] = place
        heard = measure(_decode(tiny, z), tiny.encoding, [density.attribute])[:, 0]
        assert np.allclose(heard, value, atol=0.5 / tiny.encoding.grid.steps)
