"""Presets are found by path or by name, and a glance at one costs no numpy."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from presets import folders
from presets.bar import Meter
from presets.errors import PresetError
from presets.folders import find, glance, has_namesake, shipped


@pytest.fixture
def shelf(tiny_preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of shipped presets that holds one, and a folder that is none."""
    shutil.copytree(tiny_preset, tmp_path / "shelf" / "tiny")
    (tmp_path / "shelf" / "empty").mkdir()
    monkeypatch.setattr(folders, "SHIPPED", tmp_path / "shelf")
    return tmp_path / "shelf"


def test_a_preset_is_found_by_path_and_by_name(shelf: Path, tiny_preset: Path) -> None:
    assert find(str(tiny_preset)) == tiny_preset
    assert find("tiny") == shelf / "tiny"
    assert shipped() == ["tiny"]


@pytest.mark.parametrize("name", ["empty", "nothing", ""])
def test_a_name_that_is_none_is_answered_with_the_names_there_are(shelf: Path, name: str) -> None:
    with pytest.raises(PresetError, match=r"there is no preset .*or one of: tiny\.$"):
        find(name)


def test_a_name_means_another_preset_where_one_of_that_name_is_shipped(
    shelf: Path, tiny_preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own := tmp_path / "own").mkdir()
    shutil.copytree(tiny_preset, own / "tiny")
    assert has_namesake(own / "tiny")
    assert find("tiny") == shelf / "tiny"
    monkeypatch.chdir(own)
    assert has_namesake(Path("tiny"))
    assert find("tiny") == Path("tiny")  # which lies in own
    assert not has_namesake(own / "another")
    monkeypatch.chdir(shelf)
    assert not has_namesake(Path("tiny"))  # the shipped one itself


def test_no_presets_at_all_is_said_so(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folders, "SHIPPED", tmp_path / "none")
    with pytest.raises(PresetError, match=r"one of: none\."):
        find("tiny")


def test_a_glance_gives_the_meter_the_knobs_and_the_bars(tiny_preset: Path) -> None:
    assert glance(tiny_preset) == (Meter(4, 4), ["density", "contour"], {}, 1)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"grid": {"meter": "4/0", "bars": 1}, "dimensions": []}',
        b'{"grid": {"meter": "four", "bars": 1}, "dimensions": []}',
        b'{"grid": {"meter": "4/4", "bars": 1}, "dimensions": [{}]}',
        b'{"grid": {"meter": "4/4", "bars": 0}, "dimensions": []}',
        b'{"deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_glance_at_garbage_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "preset.json").write_bytes(text)
    with pytest.raises(PresetError, match=r"preset\.json is no readable manifest"):
        glance(tmp_path)


def test_a_glance_at_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match=r"preset\.json is missing"):
        glance(tmp_path)


def test_a_glance_loads_no_numpy(tiny_preset: Path) -> None:
    program = f"""
import json, sys
from pathlib import Path
from presets.folders import glance
glance(Path({str(tiny_preset)!r}))
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not {"numpy", "onnxruntime"} & set(json.loads(done.stdout))
