"""The map of controllers: one turns one, whatever is learnt; and a file that travels by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.errors import GlissarError
from realtime.cc.file import LARGEST, MapFile, path_of, read
from realtime.cc.learner import ENOUGH, Learner
from realtime.cc.mapping import MOST, Binding, Mapping
from realtime.controls import ROOT

DENSITY, CONTOUR = f"{ROOT}/knob/density", f"{ROOT}/knob/contour"

bindings = st.builds(
    Binding,
    st.sampled_from([DENSITY, CONTOUR, f"{ROOT}/mode", f"{ROOT}/panic", f"{ROOT}/delay"]),
    st.integers(1, 2),
    st.integers(0, 31),
    st.booleans(),
)


@given(st.lists(bindings))
def test_a_controller_turns_one_control_and_a_control_has_one_controller(
    learnt: list[Binding],
) -> None:
    mapping = Mapping()
    for binding in learnt:
        mapping = mapping.bound(binding)  # refuses what is there twice
        assert binding in mapping.controllers
    again = msgspec.json.decode(msgspec.json.encode(mapping), type=Mapping)
    assert again == mapping
    for address in mapping.addresses:
        mapping = mapping.forget(address)
    assert mapping == Mapping()


def test_it_is_told_in_words_and_has_an_end() -> None:
    assert str(Binding(DENSITY, 1, 74)) == f"1:74 {DENSITY}"
    assert str(Binding(DENSITY, 16, 10, fine=True)) == f"16:10/42 {DENSITY}"
    mapping = Mapping()
    for number in range(MOST + 5):
        mapping = mapping.bound(Binding(f"{ROOT}/k{number}", number // 110 + 1, number % 110))
    assert len(mapping.controllers) == MOST


def test_programs_are_presets_in_their_order_or_in_the_maps() -> None:
    assert [Mapping().program(n, ["bach", "session"]) for n in (0, 1, 2)] == [
        *("bach", "session", None)
    ]
    assert Mapping(programs=("mine",)).program(0, ["bach"]) == "mine"


# --- learning -------------------------------------------------------------------------------------


def learn(*said: tuple[int, int], button: bool = False) -> Binding | None:
    learner, found = Learner(DENSITY, button), None
    for number, value in said:
        assert found is None
        learner, found = learner.hear((3, number), value)
    return found


def test_what_is_moved_enough_is_learnt_and_what_flickers_is_not() -> None:
    assert learn((74, 60), (74, 61), (20, 5), (74, 60), (74, 60 + ENOUGH)) == Binding(
        DENSITY, 4, 74
    )
    assert learn(*[(74, 60 + n % ENOUGH) for n in range(100)]) is None
    assert learn((74, 127), (74, 0)) == Binding(DENSITY, 4, 74)  # a button, on a number
    assert learn((123, 0), (123, 127)) is None  # a mode of the channel


def test_a_button_that_pulls_a_trigger_need_not_be_let_go() -> None:
    assert learn((20, 127), button=True) == Binding(DENSITY, 4, 20)
    assert learn((42, 3), (10, 90), button=True) == Binding(DENSITY, 4, 10)  # is never of 14 bits


@given(st.lists(st.integers(0, 16383), min_size=2), st.booleans())
def test_a_pair_of_14_bits_is_learnt_as_one(raws: list[int], lower_first: bool) -> None:
    learner = Learner(DENSITY)
    for raw in raws:
        halves = [(10, raw >> 7), (42, raw & 127)][:: -1 if lower_first else 1]
        for number, value in halves:
            learner, found = learner.hear((0, number), value)
            if found:
                assert found == Binding(DENSITY, 1, 10, fine=True)
                return


def test_nothing_is_learnt_where_nothing_is_wanted() -> None:
    assert Learner().hear((0, 74), 1)[0].hear((0, 74), 100)[1] is None


# --- the file -------------------------------------------------------------------------------------

FULL = Mapping((Binding(DENSITY, 1, 74, low=0.0, high=1.0), Binding(CONTOUR, 2, 10, True)), ("a",))


def kept(folder: Path) -> tuple[MapFile, list[str], Path]:
    said: list[str] = []
    return MapFile(folder / "new" / "cc.json", said.append), said, folder / "new" / "cc.json"


def test_what_is_learnt_is_there_the_next_day(tmp_path: Path) -> None:
    file, said, path = kept(tmp_path)
    assert file.read() == Mapping()
    file.save(Mapping())
    file.save(FULL)
    file.close()
    assert read(path) == FULL
    assert "channel" in path.read_text()
    assert said == []


ENTRY = {"address": DENSITY, "channel": 1, "controller": 74}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("garbage", "malformed"),
        ([1], "Expected `object`"),
        ({"knobs": []}, "unknown field `knobs`"),
        ({"controllers": [{**ENTRY, "channel": 17}]}, "<= 16"),
        ({"controllers": [{**ENTRY, "controller": 120}]}, "<= 119"),
        ({"controllers": [{**ENTRY, "address": "/elsewhere"}]}, "regex"),
        ({"controllers": [{**ENTRY, "fine": True}]}, "below 32"),
        ({"controllers": [{**ENTRY, "low": 1, "high": 1}]}, "low and high are the same"),
        ({"controllers": [ENTRY, {**ENTRY, "controller": 5}]}, "density is there twice"),
        ({"controllers": [ENTRY, {**ENTRY, "address": CONTOUR}]}, "controller 1:74 is there twice"),
        ({"programs": ["x" * 2000] * 600}, "too large"),
    ],
)
def test_a_file_that_is_no_map_is_named_and_never_overwritten(
    tmp_path: Path, content: Any, why: str
) -> None:
    file, said, path = kept(tmp_path)
    path.parent.mkdir()
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text)
    assert file.read() == Mapping()
    [sentence] = said
    assert str(path) in sentence
    assert "is no map of controllers (" in sentence
    assert why in sentence
    assert "remove it. Until then no controller is mapped." in sentence
    file.save(FULL)
    file.close()
    assert path.read_text() == text
    assert said[1].endswith("What is learnt is not kept until then.")


def test_it_is_kept_again_once_somebody_has_taken_it_away(tmp_path: Path) -> None:
    file, _, path = kept(tmp_path)
    path.parent.mkdir()
    path.write_bytes(b"\xff" * 9)
    file.read()
    path.unlink()
    file.save(FULL)
    file.close()
    assert read(path) == FULL


@given(st.binary(max_size=300))
def test_any_bytes_are_a_map_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(data)
    said: list[str] = []
    mapping = MapFile(path, said.append).read()
    assert not said or (mapping == Mapping() and str(path) in said[0])


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match="cannot be read"):
        read(tmp_path)
    assert LARGEST > 256 * 200
    assert path_of("mine.json") == Path("mine.json")
    assert path_of("").name == "cc.json"
