"""Installed presets are found by name, appear at once or not at all, and take no other's place."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from presets import folders
from presets.archive import Package, pack, unpack
from presets.errors import GlissarError, PresetError
from presets.folders import find, home, installed, known, shipped
from presets.install import LEFT, install, remove
from presets.preset import read


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def zipped(tiny_preset: Path, tmp_path: Path) -> Path:
    (tmp_path / "tiny.zip").write_bytes(pack(read(tiny_preset)))
    return tmp_path / "tiny.zip"


@pytest.fixture
def tiny(zipped: Path) -> Package:
    return unpack(zipped)


def left() -> list[str]:
    return sorted(path.name for path in home().iterdir()) if home().exists() else []


def test_an_installed_preset_is_found_by_its_name(tiny: Package, tiny_preset: Path) -> None:
    folder = install(tiny, "tiny", read)
    assert find("tiny") == folder == home() / "tiny"
    assert read(folder).files == read(tiny_preset).files
    assert read(folder).sha256 == read(tiny_preset).sha256
    assert installed() == ["tiny"]
    assert known() == [*shipped(), "tiny"]
    assert left() == ["tiny"]


def test_it_is_removed_whole(tiny: Package) -> None:
    folder = install(tiny, "mine", read)
    assert remove("mine") == folder
    assert left() == []
    with pytest.raises(PresetError, match="there is no preset mine"):
        find("mine")


@pytest.mark.parametrize("name", ["../tiny", "Tiny", "", ".tiny", "a/b", "tiny\n", "x" * 65])
def test_a_name_that_is_none_is_refused(tiny: Package, name: str) -> None:
    with pytest.raises(GlissarError, match="is no name for a preset; give --name"):
        install(tiny, name, read)
    assert left() == []


def test_a_shipped_name_is_not_taken(tiny: Package) -> None:
    with pytest.raises(GlissarError, match="bach is the name of a preset that glissar ships; "):
        install(tiny, "bach", read)
    assert left() == []


def test_an_installed_name_is_not_taken_twice(tiny: Package) -> None:
    install(tiny, "tiny", read)
    with pytest.raises(GlissarError, match="installed already; `glissar presets remove tiny`"):
        install(tiny, "tiny", read)


def test_what_is_shipped_later_under_its_name_takes_its_place(
    tiny: Package, tiny_preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tiny, "tiny", read)
    shutil.copytree(tiny_preset, tmp_path / "shelf" / "tiny")
    monkeypatch.setattr(folders, "SHIPPED", tmp_path / "shelf")
    assert find("tiny") == tmp_path / "shelf" / "tiny"
    assert known() == ["tiny"]


def test_what_its_proof_speaks_against_leaves_nothing(tiny: Package) -> None:
    def never(_: Path) -> None:
        raise PresetError("it is not sound.")

    with pytest.raises(PresetError, match="not sound"):
        install(tiny, "tiny", never)
    assert left() == []


def test_the_proof_is_made_beside_the_place_and_before_anything_is_found(tiny: Package) -> None:
    def look(aside: Path) -> None:
        assert aside.parent == home()
        assert read(aside).sha256 == tiny.sha256
        assert installed() == []

    install(tiny, "tiny", look)


@pytest.mark.parametrize("name", ["bach", "nothing", "../data", ""])
def test_only_what_is_installed_is_removed(name: str) -> None:
    with pytest.raises(GlissarError, match=r"only installed presets|there is no installed preset"):
        remove(name)


def test_a_home_that_cannot_be_written_is_told(tiny: Package, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder is to be")
    with pytest.raises(GlissarError, match=r"tiny cannot be installed in .*; make room or allow"):
        install(tiny, "tiny", read)


def test_an_install_that_is_killed_leaves_nothing_that_is_found(
    tiny: Package, zipped: Path
) -> None:
    program = f"""
import os, signal
from pathlib import Path
from presets.archive import unpack
from presets.install import install
install(unpack(Path({str(zipped)!r})), "tiny", lambda _: os.kill(os.getpid(), signal.SIGKILL))
"""
    done = subprocess.run([sys.executable, "-c", program])
    assert done.returncode == -signal.SIGKILL
    [rest] = left()
    assert (home() / rest / "preset.json").exists()  # it was killed with everything written …
    assert installed() == []
    with pytest.raises(PresetError, match="there is no preset tiny"):
        find("tiny")
    install(tiny, "tiny", read)  # … and is in nobody's way
    assert left() == [rest, "tiny"]
    os.utime(home() / rest, (0, (home() / "tiny").stat().st_mtime - LEFT - 1))
    install(tiny, "second", read)
    assert left() == ["second", "tiny"]
