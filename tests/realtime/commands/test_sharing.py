"""`glissar presets pack`, `install` and `remove`, as two people meet them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from presets.archive import pack
from presets.errors import GlissarError
from presets.folders import home, installed
from presets.manifest import Provenance
from presets.preset import read
from presets.write import write
from realtime.__main__ import cli

TUNE = Path(__file__).parents[2] / "tunes" / "ode-to-joy.mid"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def glissar(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def refusal(*args: str | Path) -> str:
    """The sentence that the command line prints before it exits with 2."""
    error = glissar(*args).exception
    assert isinstance(error, GlissarError), error
    assert str(error).endswith(".")
    return str(error)


def test_a_preset_that_was_given_away_plays_the_same(tiny_preset: Path) -> None:
    done = glissar("presets", "pack", tiny_preset)
    assert done.exit_code == 0, done.exception
    assert done.stdout.startswith("tiny.zip written: 4 files, sha256 ")
    done = glissar("presets", "install", "tiny.zip", "--yes")
    assert done.exit_code == 0, done.exception
    assert done.stdout.endswith(": glissar play --preset tiny\n")
    for preset in (str(tiny_preset), "tiny"):
        out = Path(preset).name + "-" + str(len(preset)) + ".mid"
        arguments = ("render", TUNE, "--preset", preset, "-k", "density=+0.6", "-o", out)
        assert glissar(*arguments).exit_code == 0
    one, other = sorted(Path().glob("*.mid"))
    assert one.read_bytes() == other.read_bytes()
    assert glissar("presets", "verify", "tiny").exit_code == 0
    listed = glissar("presets", "list").stdout.splitlines()
    assert listed[-1].startswith("tiny  One bar of 4/4, ")
    assert listed[-1].endswith(" (installed)")
    assert glissar("presets", "remove", "tiny").stdout == f"{home() / 'tiny'} is removed.\n"
    assert refusal("presets", "show", "tiny").startswith("there is no preset tiny; ")


def test_packing_twice_makes_the_same_file(tiny_preset: Path) -> None:
    for name in ("a.zip", "b.zip"):
        assert glissar("presets", "pack", tiny_preset, "-o", name).exit_code == 0
    assert Path("a.zip").read_bytes() == Path("b.zip").read_bytes()


def test_all_there_is_to_know_is_shown_and_nothing_done_where_nobody_can_be_asked(
    tiny_preset: Path,
) -> None:
    glissar("presets", "pack", tiny_preset)
    done = glissar("presets", "install", "tiny.zip")
    assert isinstance(done.exception, GlissarError)
    assert str(done.exception).endswith("if you want it so, say --yes.")
    said = done.stdout
    for text in ("name     tiny", "One bar of 4/4", "Apache-2.0", "corpus   none", "conftest.py"):
        assert text in said
    preset = read(tiny_preset)
    for path, sha256 in {**preset.manifest.files, "preset.json": preset.sha256}.items():
        assert re.search(rf"{sha256} +\d+  {path}\n", said)
    assert not home().exists()


@pytest.mark.skipif(sys.platform == "win32", reason="asks in a terminal: this one is POSIX's")
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1), (b"\n", 1)])
def test_in_a_terminal_a_person_is_asked(tiny_preset: Path, answer: bytes, code: int) -> None:
    import pty

    glissar("presets", "pack", tiny_preset)
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    command = [sys.executable, "-m", "realtime", "presets", "install", "tiny.zip"]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code, done.stderr
    assert "Install it as tiny? [y/N]: " in done.stdout
    assert installed() == (["tiny"] if code == 0 else [])


def test_a_stranger_s_text_moves_no_cursor(tiny_preset: Path) -> None:
    preset = read(tiny_preset)
    plays = "\x1b[2J\x1b[1;1Hnothing at all\r\nlicence  yours \u202e!"
    made = Provenance("make\x07", 0, {}, {}, {"\x1b]0;x": "\x9b1"})
    write(Path("odd"), replace(preset.manifest, plays=plays, provenance=made), preset.files)
    Path("odd.zip").write_bytes(pack(read(Path("odd"))))
    said = glissar("presets", "install", "odd.zip").stdout
    assert "nothing at all; licence  yours" in said
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize("name", ["bach", "tiny"])
def test_a_name_that_is_taken_is_refused_with_the_remedy(tiny_preset: Path, name: str) -> None:
    glissar("presets", "pack", tiny_preset)
    glissar("presets", "install", "tiny.zip", "--yes")
    assert "--name" in refusal("presets", "install", "tiny.zip", "--name", name, "--yes")
    assert glissar("presets", "install", "tiny.zip", "--name", "mine", "--yes").exit_code == 0
    assert installed() == ["mine", "tiny"]


def otherwise(preset: Path, made: str) -> Path:
    """A preset whose decoder gives other windows than its golden ones."""
    model = onnx.load_model_from_string((preset / "decoder.onnx").read_bytes())
    [eight] = [c for c in model.graph.initializer if c.name == "twelve"]
    eight.float_data[:] = [7.0]
    eight.ClearField("raw_data")
    found = read(preset)
    files = {**found.files, "decoder.onnx": model.SerializeToString()}
    write(Path(made), found.manifest, files)
    return Path(made)


def test_a_preset_that_is_not_sound_is_neither_packed_nor_installed(tiny_preset: Path) -> None:
    folder = otherwise(tiny_preset, "other")
    assert "other does not give its golden windows" in refusal("presets", "pack", folder)
    assert not list(Path().glob("*.zip"))
    Path("x.zip").write_bytes(pack(read(folder)))
    sentence = refusal("presets", "install", "x.zip", "--yes")
    assert sentence.startswith("x.zip does not give its golden windows on this machine")
    assert list(home().iterdir()) == []


def test_one_that_was_changed_is_not_packed(tiny_preset: Path) -> None:
    shutil.copytree(tiny_preset, "mine")
    Path("mine/encoder.onnx").write_bytes(b"changed")
    assert "its sha256 differs" in refusal("presets", "pack", "mine")


def test_an_installed_preset_that_was_damaged_hides_no_other(tiny_preset: Path) -> None:
    glissar("presets", "pack", tiny_preset)
    for name in ("a", "b"):
        glissar("presets", "install", "tiny.zip", "--name", name, "--yes")
    (home() / "a" / "encoder.onnx").write_bytes(b"changed")
    done = glissar("presets", "list")
    assert done.exit_code == 0
    first, second = done.stdout.splitlines()[-2:]
    assert "its sha256 differs" in first
    assert second.startswith("b  One bar of 4/4")
