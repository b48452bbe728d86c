"""Snapshots: kept by name, in files that a crash leaves whole, and morphed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note, Window
from presets.errors import GlissarError
from realtime.glide import Glide, blend
from realtime.snapshots import MOST, Shelf
from realtime.state import State, Taken

BAR = Taken(Window.of([Note(0, 60, 900), Note(1920, 64, 900)]), ((960, b"\xe0\x00\x50"),), True)
FULL = State(
    {"density": ("offset", 0.25), "range": ("value", 7.0)},
    mode="morph",
    variation=0.5,
    delay=2,
    choices={"scale": "major"},
    amounts={"scale": 0.5},
    morph=0.5,
    a=BAR,
    last=BAR,
)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def shelf(tmp_path: Path, said: list[str]) -> Shelf:
    return Shelf(tmp_path / "kept", said.append)


@pytest.mark.parametrize("name", ["verse", "Strophe № 2", "../../etc/passwd", "a/b", ".", "  x "])
def test_what_was_kept_is_there_the_next_day(
    shelf: Shelf, tmp_path: Path, said: list[str], name: str
) -> None:
    shelf.save("other", State())
    shelf.save(name, FULL)
    shelf.close()
    tomorrow = Shelf(tmp_path / "kept", said.append)
    assert tomorrow.names == sorted([name, "other"])
    assert tomorrow.get(name) == FULL
    assert {file.parent for file in tmp_path.rglob("*.json")} == {tmp_path / "kept"}
    assert said == []


def test_a_name_that_is_taken_is_kept_anew(shelf: Shelf, tmp_path: Path) -> None:
    shelf.save("verse", State())
    shelf.save("verse", FULL)
    assert shelf.get("verse") == FULL
    shelf.close()
    assert Shelf(tmp_path / "kept", print).get("verse") == FULL


def test_names_and_numbers_have_bounds(shelf: Shelf) -> None:
    for name in ("", "x" * 61):
        with pytest.raises(GlissarError, match="1 to 60 characters"):
            shelf.save(name, State())
    for number in range(MOST):
        shelf.save(f"{number}", State())
    with pytest.raises(GlissarError, match="remove some first"):
        shelf.save("one more", State())
    shelf.save("0", FULL)


def test_one_that_is_not_there_is_named_with_those_that_are(shelf: Shelf) -> None:
    with pytest.raises(GlissarError, match=r"no snapshot chorus; there are: none yet\."):
        shelf.get("chorus")
    shelf.save("verse", State())
    with pytest.raises(GlissarError, match=r"there are: verse\."):
        shelf.get("chorus")


def spoilt() -> dict[str, object]:
    whole = {"window": {"notes": [], "bars": 1}}
    note = {"onset": 0, "pitch": 60, "duration": 9, "velocity": 64}
    return {
        "no json": "garbage",
        "a list": [1],
        "a mode that there is not": {"mode": "backwards"},
        "a delay of years": {"delay": 10**9},
        "a knob without a number": {"knobs": {"density": ["offset", "much"]}},
        "a knob too far": {"knobs": {"density": ["offset", 1e300]}},
        "no bars": {"last": {"window": {"notes": [], "bars": 0}}},
        "no key": {"last": {"window": {"notes": [{**note, "pitch": 300}], "bars": 1}}},
        "no end": {"a": {"window": {"notes": [{**note, "duration": -1}], "bars": 1}}},
        "no gesture": {"b": {**whole, "gestures": [[0, "8A=="]]}},
        "too large": {"choices": {str(n): "x" * 1000 for n in range(1100)}},
    }


@pytest.mark.parametrize("why", spoilt())
def test_a_file_that_is_no_snapshot_is_named_and_left_alone(
    tmp_path: Path, said: list[str], why: str
) -> None:
    content = spoilt()[why]
    file = tmp_path / "verse.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    assert Shelf(tmp_path, said.append).names == []
    assert said == [f"{file} is no snapshot of glissar; remove it, or save it again."]
    assert file.exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "kept").write_text("a file")
    shelf = Shelf(tmp_path / "kept", said.append)
    shelf.save("verse", FULL)
    shelf.close()
    assert len(said) == 1
    assert "cannot be written" in said[0]
    assert shelf.get("verse") == FULL  # for as long as it plays


# --- morphed --------------------------------------------------------------------------------------

LOUD = State({"density": ("offset", 1.0)}, "freeze", choices={"scale": "minor"}, variation=0.2)


def test_numbers_go_evenly_and_all_else_half_way() -> None:
    near, far = blend(FULL, LOUD, 0.25), blend(FULL, LOUD, 0.75)
    assert near.knobs["density"] == ("offset", 0.4375)
    assert far.knobs["density"] == ("offset", 0.8125)
    assert near.knobs["range"] == ("value", 7.0)  # there it is an offset of nothing
    assert far.knobs["range"] == ("offset", 0.0)
    assert (near.variation, far.variation) == (pytest.approx(0.425), pytest.approx(0.275))
    assert (near.choices, far.choices) == ({"scale": "major"}, {"scale": "minor"})
    assert (near.mode, far.mode) == ("morph", "freeze")
    assert near.amounts == {"scale": 0.625}


def test_at_the_ends_it_is_the_one_and_the_other() -> None:
    assert blend(FULL, LOUD, 0.0) == FULL
    assert blend(FULL, LOUD, 1.0) == LOUD


@given(st.integers(-100, 9000), st.integers(1, 4000))
def test_a_glide_begins_at_the_one_and_ends_at_the_other(tick: int, length: int) -> None:
    glide = Glide(FULL, LOUD, 1000, 1000 + length)
    state = glide.at(tick, State())
    number = state.knobs["density"][1]
    assert 0.25 <= number <= 1.0
    if tick <= 1000:
        assert number == 0.25
    if tick >= 1000 + length:
        assert state.knobs == LOUD.knobs
