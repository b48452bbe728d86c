from __future__ import annotations

import msgspec
import numpy as np
import pytest

from presets.constraint import Constraint, problems
from presets.rules import KEYS, AtLeast, Menu, Scale

KEY, SCALE = Scale(("major", "blues")).menus
DENSITY = AtLeast((6, 8)).menus[0]
TUNED = Constraint("tuned", ["density", "scale"], [KEY, DENSITY, SCALE])
MINE = Constraint("mine", ["mine"])
FILES = {
    path: "" for path in ("critics/scale.onnx", *TUNED.files, *MINE.files, "actors/other.onnx")
}


def test_y_has_a_place_for_every_entry_of_every_menu() -> None:
    y = TUNED.row({"key": "C#", "scale": "blues"})
    assert y.shape == (1, 12 + 2 + 2)
    assert np.flatnonzero(y).tolist() == [1, 15]
    assert MINE.row({"mine": "on"}).shape == (1, 0)


def test_it_is_asked_by_its_menus_or_by_its_name() -> None:
    assert TUNED.asks({"density": "6"})
    assert not TUNED.asks({"mine": "on"})
    assert MINE.asks({"mine": "on"})


def test_rules_get_their_own_part_of_y() -> None:
    y = TUNED.row({"key": "D", "scale": "blues", "density": "8"})
    density, scale = TUNED.rules()
    assert density == AtLeast((6, 8))
    assert TUNED.part(density, y).tolist() == [[0, 1]]
    assert scale == Scale(("major", "blues"))
    assert np.flatnonzero(TUNED.part(scale, y)).tolist() == [KEYS.index("D"), 12 + 1]
    assert MINE.rules() == []


def test_a_rule_of_which_nothing_is_asked_has_no_say() -> None:
    assert TUNED.asked(TUNED.row({"density": "8"})) == ["density"]
    assert TUNED.asked(TUNED.row({"key": "D", "scale": "blues"})) == ["scale"]
    assert TUNED.asked(TUNED.row({})) == []
    assert MINE.asked(MINE.row({"mine": "on"})) == ["mine"]


def test_what_fits_is_no_problem() -> None:
    assert list(problems([TUNED, MINE], FILES)) == []


@pytest.mark.parametrize(
    ("constraints", "says"),
    [
        ([MINE, MINE], "one name"),
        ([TUNED, Constraint("other", ["scale"], [KEY, SCALE])], "one name"),
        ([MINE, Constraint("twice", ["mine"])], "a critic has two"),
        ([Constraint("mine", ["realism"])], "realism is a constraint of its own"),
        ([Constraint("realism", ["mine"])], "realism is a constraint of its own"),
        ([Constraint("realism", ["realism"], [KEY])], "realism is a constraint of its own"),
        ([Constraint("gone", ["mine"])], "needs actors/gone.onnx"),
        ([Constraint("mine", ["gone"])], "needs critics/gone.onnx"),
        ([Constraint("mine", ["mine"], [Menu("size", ())])], "entries"),
        ([Constraint("mine", ["mine"], [Menu("size", ("",))])], "entries"),
        ([Constraint("mine", ["mine"], [Menu("a/b", ("big",))])], "is no name of a menu"),
        ([Constraint("mine", ["mine"], [Menu("size", ("x" * 41,))])], "entries"),
        ([Constraint("mine", ["mine"], [Menu("size", ("big", "big"))])], "twice"),
        ([Constraint("other", ["scale"], [KEY])], "not those of its rules"),
        ([Constraint("other", ["scale"], [KEY, Menu("scale", ("lydian",))])], "not those of"),
        ([Constraint("other", ["scale"], [Menu("key", ("H",)), SCALE])], "not those of"),
        ([Constraint("other", ["density"], [Menu("density", ("few",))])], "not those of"),
    ],
)
def test_what_makes_no_sense_is_said(constraints: list[Constraint], says: str) -> None:
    assert says in "; ".join(problems(constraints, {**FILES, "critics/density.onnx": ""}))


def test_it_survives_json() -> None:
    content = msgspec.json.encode([TUNED, MINE])
    assert msgspec.json.decode(content, type=list[Constraint]) == [TUNED, MINE]
