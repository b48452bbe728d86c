"""Reading a preset believes nothing: what is wrong is named, and nothing else is raised."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets import preset
from presets.errors import PresetError
from presets.preset import MAX_FILE, Preset, read, read_arrays, read_named


@pytest.fixture
def copy(tiny_preset: Path, tmp_path: Path) -> Path:
    """A preset of the test's own, to damage."""
    return Path(shutil.copytree(tiny_preset, tmp_path / "copy"))


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def relist(folder: Path, files: dict[str, str | None]) -> None:
    """Change the manifest's files, as someone who means harm would: with true hashes."""
    manifest = json.loads((folder / "preset.json").read_bytes())
    manifest["files"] |= files
    manifest["files"] = {path: digest for path, digest in manifest["files"].items() if digest}
    (folder / "preset.json").write_text(json.dumps(manifest))


def swap(folder: Path, path: str, content: bytes) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_bytes(content)
    relist(folder, {path: sha(content)})


def refused(folder: Path) -> str:
    with pytest.raises(PresetError) as caught:
        read(folder)
    return str(caught.value)


def test_a_sound_preset_is_read_whole(tiny_preset: Path) -> None:
    tiny = read(tiny_preset)
    assert tiny.name == "tiny"
    assert set(tiny.files) == {"encoder.onnx", "decoder.onnx", "golden.npz"}
    assert tiny.graph("encoder.onnx") == (tiny_preset / "encoder.onnx").read_bytes()
    assert tiny.encoding.grid.steps == 24
    assert tiny.sha256 == sha((tiny_preset / "preset.json").read_bytes())
    assert read_named(str(tiny_preset)) == tiny


def test_golden_windows_are_arrays_that_belong_together(tiny_preset: Path) -> None:
    golden = read(tiny_preset).golden()
    assert golden["tokens"].shape == golden["decoded"].shape == (8, 24)
    assert golden["mu"].shape == golden["log_sigma"].shape == golden["z"].shape == (8, 26)
    assert golden["logits"].shape == golden["noise"].shape == (8, 24, 32)


# What is missing, changed or no preset at all


@pytest.mark.parametrize("path", ["preset.json", "encoder.onnx", "decoder.onnx", "golden.npz"])
def test_a_missing_file_is_named(copy: Path, path: str) -> None:
    (copy / path).unlink()
    assert refused(copy) == f"{copy / path} is missing; get the preset again."


@pytest.mark.parametrize("path", ["encoder.onnx", "decoder.onnx", "golden.npz"])
def test_a_file_that_is_not_listed_is_missing_too(copy: Path, path: str) -> None:
    relist(copy, {path: None})
    assert f"lists no {path}" in refused(copy)


@pytest.mark.parametrize("path", ["encoder.onnx", "decoder.onnx", "golden.npz"])
def test_one_changed_bit_is_noticed(copy: Path, path: str) -> None:
    content = bytearray((copy / path).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / path).write_bytes(content)
    assert "its sha256 differs" in refused(copy)
    assert str(copy / path) in refused(copy)


def test_an_unlisted_file_is_not_read(copy: Path) -> None:
    (copy / "virus.onnx").write_bytes(b"anything")
    assert "virus.onnx" not in read(copy).files


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "is missing" in refused(tmp_path / "nowhere")
    assert "is missing" in refused(tmp_path)


def test_a_folder_in_place_of_a_file_is_refused(copy: Path) -> None:
    (copy / "golden.npz").unlink()
    (copy / "golden.npz").mkdir()
    assert "is no plain file" in refused(copy)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(copy: Path) -> None:
    (copy / "golden.npz").unlink()
    os.mkfifo(copy / "golden.npz")
    assert "is no plain file" in refused(copy)


# What lies elsewhere


@pytest.mark.parametrize(
    "path",
    [
        "../stolen.txt",
        "actors/../../stolen.txt",
        "/etc/hostname",
        "..\\stolen.txt",
        "C:stolen.txt",
        "C:/stolen.txt",
        "//server/stolen.txt",
    ],
)
def test_a_path_outside_the_folder_is_refused(copy: Path, path: str) -> None:
    (copy.parent / "stolen.txt").write_bytes(b"secret")
    relist(copy, {path: sha(b"secret")})
    assert "lies outside it; do not use it." in refused(copy)


@pytest.mark.parametrize("path", ["", ".", "a\0b", "\ud7ff", "x" * 5000])
def test_a_path_that_is_no_file_is_refused(copy: Path, path: str) -> None:
    relist(copy, {path: "0" * 64})
    assert refused(copy)


def link(target: Path | str) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        file.unlink()
        file.symlink_to(target)

    return make


def test_a_link_out_of_the_folder_is_refused(copy: Path) -> None:
    outside = copy.parent / "outside.npz"
    shutil.copy(copy / "golden.npz", outside)
    link(outside)(copy / "golden.npz")
    assert "leads outside its folder" in refused(copy)


def test_a_linked_manifest_is_refused(copy: Path) -> None:
    shutil.copy(copy / "preset.json", copy.parent / "preset.json")
    link("../preset.json")(copy / "preset.json")
    assert "leads outside its folder" in refused(copy)


def test_links_in_a_circle_are_refused(copy: Path) -> None:
    link("golden.npz")(copy / "golden.npz")
    assert "cannot be read" in refused(copy)


def test_a_preset_reached_by_a_link_is_as_good(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(copy, target_is_directory=True)
    assert read(tmp_path / "shortcut").name == "tiny"


def test_weights_in_another_file_are_refused(copy: Path) -> None:
    graph = onnx.load_model_from_string((copy / "encoder.onnx").read_bytes())
    weights = onnx.numpy_helper.from_array(np.zeros(9, np.float32), "weights")
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../../etc/passwd")
    graph.graph.initializer.append(weights)
    swap(copy, "encoder.onnx", graph.SerializeToString())
    assert "may keep weights in another file" in refused(copy)


def test_a_graph_without_a_role_is_refused(copy: Path) -> None:
    swap(copy, "extra/virus.onnx", (copy / "encoder.onnx").read_bytes())
    assert "virus.onnx is no graph that a preset has" in refused(copy)


# What is too large


def _grow(file: Path, size: int) -> None:
    with file.open("r+b") as opened:
        opened.truncate(size)  # sparse: it takes no room on the disk


def test_a_huge_file_is_refused_unread(copy: Path) -> None:
    _grow(copy / "decoder.onnx", MAX_FILE + 1)
    assert "decoder.onnx is over 64 MB" in refused(copy)


def test_a_huge_manifest_is_refused_unread(copy: Path) -> None:
    _grow(copy / "preset.json", preset.MAX_MANIFEST + 1)
    assert "preset.json is over 4 MB" in refused(copy)


def _with_golden(folder: Path, content: bytes) -> Preset:
    swap(folder, "golden.npz", content)
    return read(folder)


def test_a_zip_bomb_is_not_unpacked(copy: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(65):
            archive.writestr(f"{i}.npy", bytes(1 << 20))
    assert len(packed.getvalue()) < 1 << 20
    tiny = _with_golden(copy, packed.getvalue())
    with pytest.raises(PresetError, match="unpacks to over 64 MB"):
        tiny.golden()


def npz(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return packed.getvalue()


def header(descr: str, *shape: int) -> bytes:
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        written, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return written.getvalue()


@pytest.mark.parametrize("shape", [(10**6,), (10**15,), (10**18, 10**18), (-1,)])
def test_an_array_that_claims_more_than_it_has_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(PresetError, match="is damaged"):
        read_arrays(npz(tokens=header("<f8", *shape)), "golden.npz")


class _Trap:
    """Unpickling this would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_nothing_pickled_is_loaded(copy: Path, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    pickled = io.BytesIO()
    np.savez(pickled, tokens=np.array([_Trap(trap)], dtype=object))
    with pytest.raises(PresetError, match="is damaged"):
        _with_golden(copy, pickled.getvalue()).golden()
    bare = pickle.dumps(_Trap(trap))
    with pytest.raises(PresetError, match="is damaged"):
        read_arrays(bare, "golden.npz")
    with pytest.raises(PresetError):
        read_arrays(npz(tokens=header("|O", 1) + bare), "golden.npz")
    assert not trap.exists()


def test_golden_windows_without_an_array_are_refused(copy: Path) -> None:
    packed = io.BytesIO()
    np.savez(packed, tokens=np.zeros((1, 24), np.int64))
    with pytest.raises(PresetError, match="lacks mu, log_sigma, z, noise, decoded, logits"):
        _with_golden(copy, packed.getvalue()).golden()


@given(st.binary(max_size=300))
def test_bytes_that_are_no_archive_are_refused(content: bytes) -> None:
    with pytest.raises(PresetError, match=r"^there is damaged"):
        read_arrays(content, "there")


@given(st.data())
def test_an_archive_with_wrong_bytes_is_read_or_refused(
    tiny_preset: Path, data: st.DataObject
) -> None:
    content = bytearray((tiny_preset / "golden.npz").read_bytes())
    place = st.integers(0, len(content) - 1) | st.integers(-600, -1)  # the directory is at the end
    for index in data.draw(st.lists(place, min_size=1, max_size=4)):
        content[index] = data.draw(st.integers(0, 255))
    try:
        arrays = read_arrays(bytes(content), "there")
    except PresetError:
        return
    assert all(array.dtype != object for array in arrays.values())
