"""A run's folder → a preset's folder: what it says and plays is what was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from export import golden, package
from export.verify import open_session
from presets import survey
from presets.attributes import ATTRIBUTES, measure
from presets.errors import GlissarError
from presets.preset import MANIFEST, Preset, digest, read, to_npz
from training.checkpoint import Trained
from training.data import dataset


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_the_preset_plays_what_the_trained_model_plays(
    preset: Preset, trained: Trained, data: Path, batch: int
) -> None:
    tokens = dataset.load(data).splits["train"].tokens[:batch]
    noise = np.random.default_rng(batch).gumbel(size=(batch, *preset.manifest.noise))
    with torch.inference_mode():
        mu, log_sigma = trained.model.encode(torch.from_numpy(tokens))
        played, logits = trained.model.decode(mu, torch.from_numpy(noise.astype(np.float32)))
    ours = open_session(preset.graph("encoder.onnx")).run(None, {"tokens": tokens})
    np.testing.assert_allclose(ours[0], mu.numpy(), atol=1e-4)
    np.testing.assert_allclose(ours[1], log_sigma.numpy(), atol=1e-4)
    point = {"z": mu.numpy(), "noise": noise.astype(np.float32)}
    decoded = open_session(preset.graph("decoder.onnx")).run(None, point)
    assert np.array_equal(decoded[0], played.numpy())
    np.testing.assert_allclose(decoded[1], logits.numpy(), atol=1e-4)


def test_the_manifest_says_what_was_trained(preset: Preset, trained: Trained) -> None:
    facts = preset.manifest
    assert (facts.name, facts.z, facts.noise) == ("invented", 6, [24, 32])
    assert preset.encoding == trained.encoding
    assert [(d.attribute, d.index) for d in facts.dimensions] == [("density", 0), ("contour", 1)]
    assert facts.plays == "One bar of 4/4, learnt from the invented bars."
    assert facts.corpus == "invented bars. Nobody's."
    made = facts.provenance
    assert made.command.splitlines()[0] == trained.command
    assert made.command.splitlines()[1].startswith("glissar-export ")
    assert (made.config, made.data, made.seed) == (trained.config, trained.data, trained.seed)
    assert made.versions["export torch"] == torch.__version__


def test_a_map_is_what_the_trained_model_plays_there(preset: Preset, trained: Trained) -> None:
    """Of this hardly trained model few dimensions change anything; those that do are free."""
    planes, free = preset.planes(), preset.manifest.free
    assert set() < planes.keys() == free.keys() <= {"density", "contour"}
    for dimension in (d for d in preset.manifest.dimensions if d.attribute in planes):
        axis, plane = free[dimension.attribute], planes[dimension.attribute]
        points = torch.from_numpy(
            survey.points(preset.manifest, dimension, axis)[::8].reshape(-1, 6)
        )
        noise = torch.zeros(len(points), *preset.manifest.noise)
        with torch.inference_mode():
            tokens = trained.model.decode(points, noise)[0].numpy()
        scale = ATTRIBUTES[dimension.attribute].scale(preset.encoding.grid)
        values = measure(tokens, preset.encoding, [dimension.attribute])[:, 0] * scale
        assert np.mean(np.isclose(plane[::8].ravel(), values, atol=0.01)) > 0.98


def test_calibration_and_sigma_come_from_the_training_windows(
    preset: Preset, trained: Trained, data: Path
) -> None:
    tokens = dataset.load(data).splits["train"].tokens
    with torch.inference_mode():
        mu, log_sigma = trained.model.encode(torch.from_numpy(tokens))
    for dimension in preset.manifest.dimensions:
        places = np.quantile(mu[:, dimension.index].numpy(), dimension.calibration.p)
        np.testing.assert_allclose(dimension.calibration.z, places, atol=1e-5)
    np.testing.assert_allclose(preset.manifest.sigma, log_sigma.exp().mean(0), rtol=1e-4)


def test_quality_is_the_card_of_the_run(trained: Trained, data: Path) -> None:
    card = {"split": "test", "figures": {}}
    evaluated = Trained(**(vars(trained) | {"card": card}))
    manifest = package.describe_run(evaluated, dataset.load(data), "some", "Something.", "by hand")
    assert manifest.quality == card
    assert manifest.plays == "Something."


def test_a_folder_that_is_no_preset_is_left_alone(
    trained: Trained, data: Path, preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "graphs_of", lambda *_: _graphs(preset))
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "score.txt").write_text("mine")
    with pytest.raises(GlissarError, match="not a preset"):
        package.export(trained, dataset.load(data), tmp_path / "music", "", "")
    assert [p.name for p in (tmp_path / "music").iterdir()] == ["score.txt"]


def test_a_preset_is_replaced_whole(
    trained: Trained, data: Path, preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "graphs_of", lambda *_: _graphs(preset))
    folder, bars = tmp_path / "again", dataset.load(data)
    package.export(trained, bars, folder, "First.", "")
    made = package.export(trained, bars, folder, "Second.", "")
    assert read(folder).manifest == made.manifest
    assert made.manifest.plays == "Second."
    assert [p.name for p in tmp_path.iterdir()] == ["again"]


@pytest.mark.parametrize("name", ["Bach", "my preset", ".hidden", "ärger"])
def test_a_name_that_no_address_could_carry_is_refused(
    trained: Trained, data: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(GlissarError, match="small letters"):
        package.export(trained, dataset.load(data), tmp_path / name, "", "")
    assert not list(tmp_path.iterdir())


def test_the_same_run_gives_the_same_bytes(preset: Preset, trained: Trained) -> None:
    windows = golden.windows(trained.model, trained.encoding)
    again = package.graphs_of(trained, windows) | {"golden.npz": to_npz(windows)}
    assert {p: digest(c) for p, c in again.items()} == {
        path: preset.manifest.files[path] for path in again
    }


def test_every_file_is_listed_and_small(preset: Preset, preset_folder: Path) -> None:
    there = {p.name for p in preset_folder.iterdir()} - {MANIFEST}
    assert there == set(preset.manifest.files)
    assert all(len(content) < 16 << 20 for content in preset.files.values())


def test_golden_bars_are_measured_like_any_other(preset: Preset) -> None:
    bars = preset.golden()["tokens"]
    assert measure(bars, preset.encoding, ["density", "contour"]).shape == (golden.WINDOWS, 2)


def _graphs(preset: Preset) -> dict[str, bytes]:
    return {path: preset.graph(path) for path in ("encoder.onnx", "decoder.onnx")}
