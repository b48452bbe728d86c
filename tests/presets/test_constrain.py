"""Points that move to where a rule holds; the tiny preset's first number counts its notes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from presets import preset
from presets.ask import Answer, Decode, Hearing, Z
from presets.bar import Note, Window
from presets.constrain import NEAR, SHARES, Demand, constrain
from presets.constraint import Constraint
from presets.rules import AtLeast
from realtime.model import Model

DENSITY = AtLeast((6, 8, 12))
DENSE = Constraint("dense", ["density"], list(DENSITY.menus))
MINE = Constraint("mine", ["mine"])


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


@pytest.fixture
def decode(model: Model) -> Decode:
    return lambda points: model.decode(
        points, np.zeros((len(points), *model.preset.manifest.noise), np.float32)
    )


@pytest.fixture
def window() -> Window:
    """Eight notes in the bar."""
    return Window.of(Note(i * 480, 62, 480, 90) for i in range(8))


@pytest.fixture
def point(model: Model, window: Window) -> Z:
    """Where it is encoded; its first number is 0."""
    return model.encode(model.preset.encoding.listen(window).tokens[None])[0]


@pytest.fixture
def hearing(model: Model, window: Window, point: Z, decode: Decode) -> Hearing:
    encoding = model.preset.encoding
    before = decode(point[None])[0]
    return Hearing(window, before, encoding, (), model.preset.manifest.dimensions)


def demand(least: int, to: float, amount: float = 1.0) -> Demand:
    """At least so many notes, from an actor that sets the first number."""
    return Demand(DENSE, DENSE.row({"density": str(least)}), setting(to), always, amount)


def setting(to: float) -> Callable[[Z], Z]:
    return lambda z: np.concatenate([np.full_like(z[:, :1], to), z[:, 1:]], 1)


def always(tokens: object) -> float:
    return 1.0


def notes(answer: Answer, hearing: Hearing) -> int:
    heard = hearing.heard(answer.tokens, full=answer.full)
    return int((heard.tokens < hearing.encoding.vocabulary.hold).sum())


def test_the_first_point_where_it_holds_is_taken(
    point: Z, hearing: Hearing, decode: Decode
) -> None:
    answer = constrain(point, [demand(12, 2.0)], hearing, [decode], full=False)
    assert notes(answer, hearing) >= 12
    assert 0 < answer.point[0] < 2.0
    short = answer.point.copy()
    short[0] -= 2.0 / SHARES
    assert notes(Answer(short, decode(short[None])[0], answer.full), hearing) < 12


def test_what_holds_is_left_alone(point: Z, hearing: Hearing, decode: Decode) -> None:
    answer = constrain(point, [demand(8, 2.0)], hearing, [decode], full=False)
    assert np.array_equal(answer.point, point)


def test_amount_ends_the_way(point: Z, hearing: Hearing, decode: Decode) -> None:
    answer = constrain(point, [demand(12, 2.0, amount=0.25)], hearing, [decode], full=False)
    assert 0 < answer.point[0] <= 0.5
    assert notes(answer, hearing) == 10


def test_where_none_does_all_the_one_that_does_most_is_taken(
    point: Z, hearing: Hearing, decode: Decode
) -> None:
    """Half of the way there is none of the twelve, but as many as that gives."""
    answer = constrain(point, [demand(12, 0.5)], hearing, [decode], full=False)
    assert 8 < notes(answer, hearing) < 12


def test_later_decoders_are_for_what_the_first_cannot_do(
    point: Z, hearing: Hearing, decode: Decode
) -> None:

    def stubborn(points: Z) -> np.ndarray:
        return decode(np.repeat(point[None], len(points), 0))

    answer = constrain(point, [demand(12, 2.0)], hearing, [stubborn, decode], full=False)
    assert notes(answer, hearing) >= 12
    asked = constrain(point, [demand(8, 2.0)], hearing, [stubborn, decode], full=False)
    assert asked.point[0] == point[0]


def test_a_critic_of_a_rule_of_ones_own_is_asked_of_what_is_heard(
    point: Z, hearing: Hearing, decode: Decode
) -> None:
    asked = list[int]()

    def content(tokens: np.ndarray) -> float:
        asked.append(int((tokens < hearing.encoding.vocabulary.hold).sum()))
        return float(asked[-1] >= 10)

    own = Demand(MINE, np.zeros((1, 0), np.float32), setting(2.0), content)
    answer = constrain(point, [own], hearing, [decode], full=False)
    assert notes(answer, hearing) == asked[-1] >= 10
    assert asked[0] == 8


def test_where_one_move_does_not_do_another_may(point: Z, hearing: Hearing, decode: Decode) -> None:
    """Half-way to twelve notes, and half of the rest, and half of that."""
    halves = demand(12, 0)._replace(move=lambda z: (z + setting(1.2)(z)) / 2)
    once = constrain(point, [halves], hearing, [decode], full=False)
    assert notes(once, hearing) < 12
    often = constrain(point, [halves._replace(again=3)], hearing, [decode], full=False)
    assert notes(often, hearing) == 12
    limited = [halves._replace(again=3), demand(12, 0)._replace(move=lambda z: z)]
    assert notes(constrain(point, limited, hearing, [decode], full=False), hearing) < 12


def test_points_around_the_end_are_tried_after_the_way(
    point: Z, hearing: Hearing, decode: Decode
) -> None:
    """Eleven notes, wherever it is moved from; one more is near."""
    nearly, decoded = demand(12, 0.8), list[int]()

    def counted(points: Z) -> np.ndarray:
        decoded.append(len(points))
        return decode(points)

    assert notes(constrain(point, [nearly], hearing, [decode], full=False), hearing) == 11
    again = nearly._replace(again=1)
    assert notes(constrain(point, [again], hearing, [counted], full=False), hearing) >= 12
    assert decoded == [1 + SHARES + 1, NEAR]
    decoded.clear()
    constrain(point, [demand(12, 2.0)._replace(again=1)], hearing, [counted], full=False)
    assert decoded == [1 + SHARES + 1]
