"""`glissar device`, as a person meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from presets.errors import GlissarError
from presets.folders import shipped
from realtime.__main__ import cli

FILES = {
    f"glissar-tiny{suffix}" for suffix in (".amxd", ".maxpat", ".pd", ".open-stage-control.json")
}


def device(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["device", *map(str, args)])


def refusal(*args: str | Path) -> str:
    """The sentence that the command line prints before it exits with 2."""
    error = device(*args).exception
    assert isinstance(error, GlissarError), error
    return str(error)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_every_format_is_written_and_told(tiny_preset: Path, tmp_path: Path) -> None:
    done = device("--preset", tiny_preset, "-o", tmp_path)
    assert done.exit_code == 0, done.output
    assert names(tmp_path) == FILES
    assert {Path(line.split()[0]).name for line in done.stdout.splitlines()} == FILES


def test_in_this_folder_if_none_is_given(
    tiny_preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert device("-p", tiny_preset).exit_code == 0
    assert names(tmp_path) == FILES


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_preset_has_devices(name: str, tmp_path: Path) -> None:
    assert device("-p", name, "-o", tmp_path).exit_code == 0
    patch = json.loads((tmp_path / f"glissar-{name}.maxpat").read_bytes())["patcher"]
    [load] = [b["box"] for b in patch["boxes"] if b["box"].get("varname") == "preset load"]
    assert load["saved_attribute_attributes"]["valueof"]["parameter_enum"] == shipped()


def test_the_port_of_the_service_may_be_another(tiny_preset: Path, tmp_path: Path) -> None:
    device("-p", tiny_preset, "-o", tmp_path, "--osc-port", "7010")
    assert "udpsend 127.0.0.1 7010" in (tmp_path / "glissar-tiny.maxpat").read_text()
    assert "connect 127.0.0.1 7010" in (tmp_path / "glissar-tiny.pd").read_text()


def test_what_is_there_is_kept_without_force(tiny_preset: Path, tmp_path: Path) -> None:
    mine = tmp_path / "glissar-tiny.pd"
    mine.write_text("my own")
    said = refusal("-p", tiny_preset, "-o", tmp_path)
    assert said.startswith(f"{mine} would be overwritten; add --force")
    assert names(tmp_path) == {mine.name}
    assert mine.read_text() == "my own"
    assert device("-p", tiny_preset, "-o", tmp_path, "--force").exit_code == 0
    assert mine.read_text().startswith("#N canvas")


def test_an_unknown_preset_is_refused(tmp_path: Path) -> None:
    assert refusal("-p", "bahc", "-o", tmp_path).startswith("there is no preset bahc")
    assert names(tmp_path) == set()


def test_a_folder_that_is_not_there_is_refused(tiny_preset: Path, tmp_path: Path) -> None:
    assert refusal("-p", tiny_preset, "-o", tmp_path / "no") == (
        f"there is no folder {tmp_path / 'no'}; make it first or give another."
    )


def test_a_place_that_cannot_be_written_is_refused(tiny_preset: Path, tmp_path: Path) -> None:
    (tmp_path / "glissar-tiny.amxd").mkdir()
    said = refusal("-p", tiny_preset, "-o", tmp_path, "--force")
    assert said.startswith(f"{tmp_path / 'glissar-tiny.amxd'} cannot be written")
    assert names(tmp_path) == {"glissar-tiny.amxd"}


def test_it_ends_with_2_and_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "realtime", "device", "-p", "bahc"],
        capture_output=True,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"glissar: there is no preset bahc")
