"""A preset folder appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from presets.errors import GlissarError, PresetError
from presets.preset import Preset, read
from presets.write import write


@pytest.fixture(scope="module")
def tiny(tiny_preset: Path) -> Preset:
    return read(tiny_preset)


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in folder.rglob("*")
    }


def test_what_is_written_is_what_is_read(tiny: Preset, tmp_path: Path) -> None:
    files = tiny.files | {"actors/free.onnx": tiny.graph("encoder.onnx"), "README.md": b"# tiny\n"}
    written = write(tmp_path / "new", tiny.manifest, files)
    assert written.files == files
    assert read(tmp_path / "new") == written
    assert set(tree(tmp_path / "new")) == {*files, "actors", "preset.json"}


def test_the_same_preset_has_the_same_identity(tiny: Preset, tmp_path: Path) -> None:
    assert write(tmp_path / "new", tiny.manifest, tiny.files).sha256 == tiny.sha256


def test_hashes_come_from_the_files_not_from_the_caller(tiny: Preset, tmp_path: Path) -> None:
    files = tiny.files | {"README.md": b"new"}
    assert "README.md" not in tiny.manifest.files
    assert set(write(tmp_path / "new", tiny.manifest, files).manifest.files) == set(files)


def test_a_preset_is_replaced_whole(tiny: Preset, tmp_path: Path) -> None:
    write(tmp_path / "new", tiny.manifest, tiny.files | {"README.md": b"old"})
    write(tmp_path / "new", tiny.manifest, tiny.files)
    assert set(tree(tmp_path / "new")) == {*tiny.files, "preset.json"}
    assert [p.name for p in tmp_path.iterdir()] == ["new"]  # nothing is left beside it


def test_an_empty_folder_may_be_filled(tiny: Preset, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert write(tmp_path / "new", tiny.manifest, tiny.files).name == "tiny"


def test_what_is_not_a_preset_is_never_replaced(tiny: Preset, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(GlissarError, match="holds something that is not a preset"):
        write(tmp_path, tiny.manifest, tiny.files)
    assert tree(tmp_path) == {"thesis.txt": b"years of work"}


def test_there_must_be_a_place_for_it(tiny: Preset, tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match="there is no folder"):
        write(tmp_path / "a" / "b", tiny.manifest, tiny.files)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("path", ["../up.txt", "/tmp/elsewhere.txt", "a\\b.txt"])
def test_a_file_outside_the_folder_is_not_written(tiny: Preset, tmp_path: Path, path: str) -> None:
    with pytest.raises(PresetError, match="lies outside it"):
        write(tmp_path / "new", tiny.manifest, tiny.files | {path: b"x"})
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("broken", ["decoder.onnx", "golden.npz"])
def test_a_preset_that_could_not_be_read_is_not_written(
    tiny: Preset, tmp_path: Path, broken: str
) -> None:
    write(tmp_path / "new", tiny.manifest, tiny.files)
    before = tree(tmp_path)
    files = {path: content for path, content in tiny.files.items() if path != broken}
    with pytest.raises(PresetError, match=broken):
        write(tmp_path / "new", tiny.manifest, files)
    with pytest.raises(PresetError, match="may keep weights in another file"):
        write(tmp_path / "new", tiny.manifest, tiny.files | {"energy.onnx": b"location"})
    assert tree(tmp_path) == before
