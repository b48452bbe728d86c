"""`glissar presets` and `glissar init`, as a person meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from presets.errors import GlissarError
from presets.folders import shipped
from presets.preset import digest, read
from realtime.__main__ import cli
from realtime.settings import Settings
from realtime.settings_file import load


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def glissar(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def refusal(*args: str | Path) -> str:
    """The sentence that the command line prints before it exits with 2."""
    error = glissar(*args).exception
    assert isinstance(error, GlissarError), error
    return str(error)


def test_list_names_every_shipped_preset_and_what_it_plays() -> None:
    done = glissar("presets", "list")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == shipped()


def test_show_says_what_a_preset_is_and_what_its_knobs_do(tiny_preset: Path) -> None:
    said = glissar("presets", "show", tiny_preset).stdout
    assert "One bar of 4/4, thinned or filled and bent as the knobs say." in said
    assert "1 bar(s) of 4/4, beats divided at 0 1/4 1/3 1/2 2/3 3/4" in said
    assert "MIDI 55 to 84" in said
    assert "knob density  2 to 14 notes: How many notes are struck" in said
    assert "knob contour  -12 to 12 semitones: " in said
    assert "Apache-2.0" in said


def test_show_gives_the_measured_figures_a_line_each() -> None:
    lines = glissar("presets", "show", "bach-bar").stdout.splitlines()
    [tokens] = [line for line in lines if line.strip().startswith("tokens  ")]
    value, low, high = (float(n.strip("[,]")) for n in tokens.split()[1:])
    assert 0.9 < low < value < high < 1


def test_verify_tells_a_sound_preset(tiny_preset: Path) -> None:
    done = glissar("presets", "verify", tiny_preset)
    assert done.exit_code == 0
    assert "tiny is sound: 3 files, largest difference " in done.stdout


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_preset_is_sound_on_this_machine(name: str) -> None:
    assert glissar("presets", "verify", name).exit_code == 0


@pytest.mark.parametrize("what", ["show", "verify"])
def test_an_unknown_preset_is_refused(what: str) -> None:
    assert refusal("presets", what, "nothing").startswith("there is no preset nothing; give ")


@pytest.mark.parametrize("what", ["show", "verify"])
def test_a_changed_preset_is_refused(what: str, tiny_preset: Path) -> None:
    shutil.copytree(tiny_preset, "mine")
    Path("mine/encoder.onnx").write_bytes(b"changed")
    assert "(its sha256 differs); get the preset again." in refusal("presets", what, "mine")


def test_init_writes_settings_that_can_be_read() -> None:
    done = glissar("init")
    assert done.stdout.startswith("glissar.toml written; ")
    assert load(None, {}) == Settings()


def test_init_writes_where_it_is_told() -> None:
    assert glissar("init", "mine.toml").exit_code == 0
    assert load(Path("mine.toml"), {}) == Settings()


def test_init_never_overwrites() -> None:
    Path("glissar.toml").write_text("delay = 2")
    assert refusal("init") == "glissar.toml exists already; edit it or give another name."
    assert Path("glissar.toml").read_text() == "delay = 2"


def test_init_needs_its_folder() -> None:
    assert refusal("init", "nowhere/x.toml") == (
        "there is no folder nowhere; make it first or give another."
    )
    assert list(Path().iterdir()) == []


def test_an_unknown_command_is_a_usage_error() -> None:
    done = glissar("perform")
    assert done.exit_code == 2
    assert "No such command 'perform'" in done.stderr


def test_map_gives_a_preset_its_map_and_tells_of_it(tiny_preset: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_preset, tmp_path / "tiny")
    done = glissar("presets", "map", folder)
    assert done.exit_code == 0
    assert "2 planes" in done.stdout
    assert "density  2 to 14; across" in done.stdout
    assert glissar("presets", "verify", folder).exit_code == 0
    assert set(read(folder).planes()) == {"density", "contour"}


def test_verify_refuses_a_damaged_map(mapped_preset: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(mapped_preset, tmp_path / "tiny")
    (folder / "map.npz").write_bytes(b"PK")
    facts = json.loads((folder / "preset.json").read_bytes())
    facts["files"]["map.npz"] = digest(b"PK")
    (folder / "preset.json").write_text(json.dumps(facts))
    assert "map.npz is damaged" in refusal("presets", "verify", folder)
