"""Constraints on the tiny preset, whose latent space is its tokens: actors and critics by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import msgspec
import numpy as np
import onnx
import onnx.parser
import pytest

from presets import edit
from presets import preset as presets
from presets.bar import Note, Window
from presets.constraint import REALISM, Constraint
from presets.errors import PresetError
from presets.rules import AtLeast, Menu
from presets.write import write
from realtime.controls import ROOT
from realtime.desk import Desk
from realtime.events import Decoded, Echo, Request, Trouble, Work
from realtime.model import Model
from realtime.state import State
from realtime.worker import Worker

BEAT, Z = 960, 26
DENSITY = AtLeast((8, 12)).menus
DENSE = Constraint("dense", ["density"], list(DENSITY))
MINE = Constraint("mine", ["mine"])
REALISM_ITSELF = Constraint(REALISM, [REALISM])

# z_0 counts notes: (notes − 8) / 4. The actor sets it to what the menu asks for, or leaves it.
ACTOR = f"""
<ir_version: 8, opset_import: ["" : 18]>
actor (float[B,{Z}] z, float[B,2] y) => (float[B,{Z}] z_out)
<float[2,1] wanted = {{0.0, 1.0}}, int64[1] zero = {{0}}, int64[1] one = {{1}},
 int64[1] end = {{{Z}}}, int64[1] along = {{1}}>
{{
    first = Slice(z, zero, one, along)
    rest = Slice(z, one, end, along)
    target = MatMul(y, wanted)
    asked = ReduceSum<keepdims = 1>(y, along)
    way = Sub(target, first)
    step = Mul(asked, way)
    there = Add(first, step)
    z_out = Concat<axis = 1>(there, rest)
}}
"""

# Content where z_0 is at least 0 (eight notes), and rising with it.
CRITIC = f"""
<ir_version: 8, opset_import: ["" : 18]>
critic (float[B,{Z}] z{{y}}) => (float[B] value, float[B,{Z}] gradient)
<float[{Z},1] weight = {{{{{", ".join(["10.0"] + ["0.0"] * (Z - 1))}}}}},
 float[1,{Z}] slope = {{{{{", ".join(["10.0"] + ["0.0"] * (Z - 1))}}}}}, int64[1] along = {{{{1}}}},
 float zero = {{{{0.0}}}}>
{{{{
    column = MatMul(z, weight)
    value = Squeeze(column, along)
    none = Mul(z, zero)
    gradient = Add(none, slope)
}}}}
"""

MOVER = f"""
<ir_version: 8, opset_import: ["" : 18]>
mover (float[B,{Z}] z) => (float[B,{Z}] z_out)
<float[1,{Z}] up = {{{", ".join(["1.0"] + ["0.0"] * (Z - 1))}}}>
{{
    z_out = Add(z, up)
}}
"""


def graph(text: str) -> bytes:
    return onnx.parser.parse_model(text).SerializeToString()


@pytest.fixture(scope="module")
def folder(tiny_preset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(tiny_preset, tmp_path_factory.mktemp("presets") / "bound"))
    preset = presets.read(folder)
    files = {
        "actors/dense.onnx": graph(ACTOR),
        "critics/density.onnx": graph(CRITIC.format(y=", float[B,2] y")),
        "actors/mine.onnx": graph(MOVER),
        "critics/mine.onnx": graph(CRITIC.format(y="")),
    }
    manifest = msgspec.structs.replace(preset.manifest, constraints=[DENSE, MINE])
    write(folder, manifest, {**preset.files, **files})
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return Model(presets.read(folder))


def played(count: int) -> Window:
    """So many notes in a bar, a quarter of a beat apart, struck a little late."""
    return Window.of(Note(i * 240 + 5, 60 + i, 200, 80 + i) for i in range(count))


def answer(model: Model, window: Window, **asked: object) -> tuple[Decoded, Window]:
    """The decision, and what is heard of it."""
    encoding = model.preset.encoding
    encoded = encoding.listen(window)
    work = Work(tuple(encoded.tokens.tolist()), {}, window=window)
    decided = model.answer(msgspec.structs.replace(work, **asked))
    if decided.full:
        return decided, edit.full(window, encoded, decided.after, encoding)
    return decided, edit.residual(window, encoded, decided.before, decided.after, encoding)


def realism(model: Model, window: Window, **asked: object) -> float | None:
    work = Work(tuple(model.preset.encoding.listen(window).tokens.tolist()), {}, window=window)
    work = msgspec.structs.replace(work, **asked)
    return model.realism(work, model.answer(work))


@pytest.mark.parametrize("way", ["actor", "optimise"])
@pytest.mark.parametrize("count", [2, 5, 7])
def test_what_is_asked_is_heard(model: Model, way: str, count: int) -> None:
    _, heard = answer(model, played(count), choices={"density": "8"}, way=way)
    assert len(heard.notes) == 8


@pytest.mark.parametrize("way", ["actor", "optimise"])
def test_who_does_it_already_is_left_alone(model: Model, way: str) -> None:
    window = played(9)
    decided, heard = answer(model, window, choices={"density": "8"}, way=way)
    assert decided.before == decided.after
    assert heard == window


def test_the_nearest_place_on_the_way_is_taken(model: Model) -> None:
    """The actor goes to twelve notes; of its way as much is gone as eight need."""
    _, heard = answer(model, played(4), choices={"density": "8", "mine": "on"})
    assert len(heard.notes) == 8


def test_amount_limits_the_way(model: Model) -> None:
    _, heard = answer(model, played(4), choices={"density": "12"}, amounts={"dense": 0.5})
    assert len(heard.notes) == 8


def test_an_amount_of_nothing_is_nothing(model: Model) -> None:
    window, nothing = played(4), {"dense": 0.0}
    for way in ("actor", "optimise"):
        _, heard = answer(model, window, choices={"density": "12"}, amounts=nothing, way=way)
        assert heard == window


SHORT = f"""
<ir_version: 8, opset_import: ["" : 18]>
short (float[B,{Z}] z) => (float[C,{Z}] z_out)
<int64[1] zero = {{0}}, int64[1] none = {{0}}, int64[1] along = {{0}}>
{{
    z_out = Slice(z, zero, none, along)
}}
"""
UNKNOWN = f"""
<ir_version: 8, opset_import: ["" : 18]>
critic (float[B,{Z}] z) => (float[B] value, float[B,{Z}] gradient)
<int64[1] along = {{1}}, float zero = {{0.0}}>
{{
    none = Mul(z, zero)
    gradient = Div(none, zero)
    value = ReduceSum<keepdims = 0>(gradient, along)
}}
"""


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("actors/mine.onnx", ACTOR, "actors/mine.onnx takes y, z where its constraint has z"),
        ("actors/mine.onnx", SHORT, "gives no z_out that makes sense"),
        ("critics/mine.onnx", UNKNOWN, "gives no value that makes sense"),
    ],
)
def test_graphs_that_make_no_sense_are_a_sentence(
    folder: Path, tmp_path: Path, path: str, content: str, says: str
) -> None:
    preset = presets.read(folder)
    made = write(tmp_path / "bad", preset.manifest, {**preset.files, path: graph(content)})
    with pytest.raises(PresetError, match=says):
        answer(Model(made), played(4), choices={"mine": "on"})


def test_graphs_without_golden_answers_are_not_sound(model: Model) -> None:
    with pytest.raises(PresetError, match=r"actors/dense.onnx has no golden answers"):
        model.verify()


def test_a_rule_of_ones_own_is_judged_by_its_critic(model: Model) -> None:
    window = played(9)
    assert answer(model, window, choices={"mine": "on"})[1] == window
    _, heard = answer(model, played(5), choices={"mine": "on"})
    assert 8 <= len(heard.notes) <= 9


def test_knobs_go_first(model: Model) -> None:
    """A knob that asks for more than the rule does has its way; one that asks for less has not."""
    more = {"density": ("value", 10.0)}
    less = {"density": ("value", 5.0)}
    assert len(answer(model, played(4), knobs=more, choices={"density": "8"})[1].notes) == 10
    assert len(answer(model, played(4), knobs=less, choices={"density": "8"})[1].notes) == 8


def test_drawn_windows_are_bound_too(model: Model) -> None:
    for number in range(20):
        work = Work((), {}, (0, number), full=True, choices={"density": "12"})
        after = np.array(model.answer(work).after)
        assert (after < model.preset.encoding.vocabulary.hold).sum() >= 12


# --- the desk -------------------------------------------------------------------------------------


@pytest.fixture
def desk() -> Desk:
    menus = [*DENSITY, Menu("mine", ("on",))]
    return Desk("bound", ["density"], State(), menus, ["dense", "mine"])


def said(actions: Iterator[object]) -> list[object]:
    return list(actions)


def test_menus_are_set_and_left(desk: Desk) -> None:
    assert not desk.moves
    assert said(desk.set(f"{ROOT}/constrain/density", ("12",))) == [
        Echo(f"{ROOT}/constrain/density", ("12",))
    ]
    assert desk.state.choices == {"density": "12"}
    assert desk.moves
    for number in (8, 8.0):  # a menu of numbers takes them as such
        said(desk.set(f"{ROOT}/constrain/density", ("off",)))
        said(desk.set(f"{ROOT}/constrain/density", (number,)))
        assert desk.state.choices == {"density": "8"}
    said(desk.set(f"{ROOT}/constrain/density", (2,)))  # others are places; 0 is off
    assert desk.state.choices == {"density": "12"}
    said(desk.set(f"{ROOT}/constrain/density", (1,)))
    assert desk.state.choices == {"density": "8"}
    said(desk.set(f"{ROOT}/constrain/density", ("off",)))
    assert desk.state.choices == {}
    assert not desk.moves


def test_amounts_and_ways(desk: Desk) -> None:
    said(desk.set(f"{ROOT}/constrain/dense/amount", (2.0,)))
    said(desk.set(f"{ROOT}/way", ("optimise",)))
    assert (desk.state.amounts, desk.state.way) == ({"dense": 1.0}, "optimise")


@pytest.mark.parametrize(
    ("address", "value"), [("constrain/density", "7"), ("constrain/gone", "on"), ("way", "fly")]
)
def test_what_is_not_there_is_said(desk: Desk, address: str, value: str) -> None:
    (trouble,) = desk.set(f"{ROOT}/{address}", (value,))
    assert isinstance(trouble, Trouble)
    assert desk.state == State()


def test_they_are_told_again(desk: Desk) -> None:
    said(desk.set(f"{ROOT}/constrain/mine", ("on",)))
    told = [
        said(desk.set(f"{ROOT}/query", (f"{ROOT}/{name}",)))
        for name in ("constrain/mine", "constrain/density", "constrain/dense/amount", "way")
    ]
    args = [echo.args[0] for echo, *_ in told if isinstance(echo, Echo)]
    assert args == ["on", "off", 1.0, "actor"]


def test_a_preset_without_constraints_has_no_such_address() -> None:
    desk = Desk("tiny", ["density"], State())
    for address in ("constrain/density", "way"):
        (trouble,) = desk.set(f"{ROOT}/{address}", ("8",))
        assert isinstance(trouble, Trouble)


# --- realism: here it is where eight notes are, or more -------------------------------------------


@pytest.fixture(scope="module")
def real(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    preset = presets.read(folder)
    files = {
        "actors/realism.onnx": graph(MOVER),
        "critics/realism.onnx": graph(CRITIC.format(y="")),
    }
    constraints = [REALISM_ITSELF, *preset.manifest.constraints]
    manifest = msgspec.structs.replace(preset.manifest, constraints=constraints)
    made = write(tmp_path_factory.mktemp("presets") / "real", manifest, {**preset.files, **files})
    return Model(made)


def test_a_worker_tells_it_when_nobody_waits(real: Model) -> None:
    told: Queue[float] = Queue()
    answers: Queue[int] = Queue()
    worker = Worker(real, lambda id, *_: answers.put(id), told.put)
    tokens = tuple(real.preset.encoding.listen(played(12)).tokens.tolist())
    for number in range(8):
        worker.ask(Request(number, Work(tokens, {})))
    assert told.get(timeout=60) == realism(real, played(12))
    assert answers.qsize() == 8
    worker.close()
    assert told.empty()  # of the last one alone


def test_realism_is_told_of_what_is_heard(model: Model, real: Model) -> None:
    assert realism(model, played(4)) is None
    few, many = (realism(real, played(count)) for count in (4, 12))
    assert few == pytest.approx(1 / (1 + np.exp(10)), abs=1e-6)
    assert many == pytest.approx(1 / (1 + np.exp(-10)), abs=1e-6)
    more = {"density": ("value", 12.0)}
    assert realism(real, played(4), knobs=more) == pytest.approx(many)


def test_the_guard_leads_to_where_the_style_is(real: Model) -> None:
    _, heard = answer(real, played(4), choices={"realism": "on"})
    assert len(heard.notes) == 8
    _, heard = answer(real, played(4), choices={"realism": "on"}, amounts={"realism": 0.5})
    assert len(heard.notes) == 6


def test_the_guard_comes_after_the_rules(real: Model) -> None:
    _, heard = answer(real, played(2), choices={"realism": "on", "density": "8"})
    assert len(heard.notes) == 8


def test_the_guard_is_a_knob_of_the_desk() -> None:
    menus = [*DENSITY, Menu("realism", ("on",))]
    desk = Desk("real", ["density"], State(), menus, ["dense", "realism"])
    assert said(desk.set(f"{ROOT}/realism/guard", (0.5,))) == [
        Echo(f"{ROOT}/realism/guard", (0.5,))
    ]
    assert desk.state.choices == {"realism": "on"}
    assert desk.state.amounts == {"realism": 0.5}
    assert said(desk.set(f"{ROOT}/query", (f"{ROOT}/realism/guard",))) == [
        Echo(f"{ROOT}/realism/guard", (0.5,))
    ]
    said(desk.set(f"{ROOT}/realism/guard", (0,)))
    assert not desk.moves
    assert said(desk.set(f"{ROOT}/query", (f"{ROOT}/realism/guard",))) == [
        Echo(f"{ROOT}/realism/guard", (0.0,))
    ]
    for address in ("constrain/realism", "constrain/realism/amount", "realism"):
        (trouble,) = desk.set(f"{ROOT}/{address}", (1.0,))
        assert isinstance(trouble, Trouble)
