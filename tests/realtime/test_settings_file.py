"""Settings from a file and flags: everything has a place, nothing bad gets through."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from presets.errors import GlissarError
from realtime.settings import Settings
from realtime.settings_file import COMMENTED, init, load

TABLES = ("midi", "controller", "transport", "osc", "web", "latency")


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str, name: str = "mine.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_and_flags_everything_is_the_default() -> None:
    assert load(None, {}) == Settings()


def test_the_file_that_init_writes_changes_nothing() -> None:
    init(Path("glissar.toml"))
    assert load(None, {}) == Settings()


def test_the_file_that_init_writes_shows_every_setting_with_its_default() -> None:
    uncommented = re.sub(r"^# (?=\w+ = )", "", COMMENTED, flags=re.MULTILINE)
    shown = load(written(uncommented), {})
    assert shown == msgspec.structs.replace(
        Settings(), knobs={"density": 0.0}, constraints={"scale": "major"}
    )
    places = {line.split(" = ")[0] for line in uncommented.splitlines() if " = " in line}
    tables = [
        Settings(),
        *(getattr(Settings(), t) for t in TABLES),
    ]
    fields = {name for table in tables for name in table.__struct_fields__}
    assert fields - {*TABLES, "knobs", "constraints"} <= places


def test_flags_override_the_file_and_none_means_not_given() -> None:
    path = written("delay = 3\n[midi]\ninput = 'keys'\nthru = false\n")
    settings = load(path, {"delay": 2, "midi.output": "synth", "midi.thru": None})
    assert settings.delay == 2
    assert settings.midi == msgspec.structs.replace(
        Settings().midi, input="keys", output="synth", thru=False
    )


def test_the_file_of_this_folder_is_read_unless_another_is_named() -> None:
    written("delay = 3", "glissar.toml")
    assert load(None, {}).delay == 3
    assert load(written("delay = 4"), {}).delay == 4


@pytest.mark.parametrize(
    "text",
    [
        *("delay = 0", "delay = 9", "delay = 1.5", "delay = '1'", "mode = 'compose'"),
        *("seed = -1", "tempo = 120", "midi = 3", "knobs = 1", "[midi]\nthru_channel = 17"),
        *("[midi]\ninput_channel = -1", "[transport]\ntempo = nan", "[transport]\ntempo = inf"),
        *("[transport]\ntempo = 19", "[osc]\nport = 0", "[osc]\nport = 70000"),
        *("[latency]\ninput = -1", "[latency]\ninput = nan", "[knobs]\nrange = 'much'"),
        *("preset = 1", "[nothing]\nx = 1", "delay ="),
    ],
)
@pytest.mark.parametrize("flags", [{}, {"midi.input": "keys", "knobs.density": 0.5}], ids=str)
def test_a_bad_file_is_refused_in_a_sentence_that_names_it(
    text: str, flags: dict[str, Any]
) -> None:
    with pytest.raises(GlissarError, match=r"mine\.toml"):
        load(written(text), flags)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"delay": 99}, "delay"),
        ({"transport.tempo": float("nan")}, "tempo"),
        ({"mode": "x"}, "mode"),
    ],
)
def test_a_bad_flag_is_refused_in_a_sentence(flags: dict[str, Any], says: str) -> None:
    with pytest.raises(GlissarError, match=rf"the flags: .*{says}.*glissar init"):
        load(None, flags)


def test_what_cannot_be_read_is_refused() -> None:
    Path("mine.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GlissarError, match=r"mine\.toml is no readable TOML"):
        load(Path("mine.toml"), {})
    with pytest.raises(GlissarError, match=r"no settings file nothing\.toml; `glissar init`"):
        load(Path("nothing.toml"), {})
    with pytest.raises(GlissarError, match=r"no readable TOML"):
        load(Path(), {})


def test_init_never_overwrites() -> None:
    path = written("mine")
    with pytest.raises(GlissarError, match=r"mine\.toml exists already; edit it or"):
        init(path)
    assert path.read_text() == "mine"


def test_init_says_what_to_do_where_there_is_no_folder() -> None:
    with pytest.raises(GlissarError, match=r"there is no folder nowhere; make it first"):
        init(Path("nowhere/glissar.toml"))
