"""What all surfaces are told: what has changed, what is asked for again, what went wrong."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.controls import ROOT, table
from realtime.events import Echo, Placed, Trouble
from realtime.surfaces import SPEAK_EVERY, Surfaces

TABLE = table(["density"], free=["density"])


class Heard:
    """A surface, and what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []
        self.closed = False

    def echo(self, address: str, args: tuple[Any, ...]) -> None:
        self.told.append((address.removeprefix(f"{ROOT}/"), args))

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def surfaces(said: list[str]) -> Surfaces:
    return Surfaces(TABLE, said.append)


@pytest.fixture
def heard(surfaces: Surfaces) -> Heard:
    surface = Heard()
    surfaces.add(surface)
    return surface


def ask(surfaces: Surfaces, address: str) -> bool:
    """Whether it is left to the session."""
    asked = (f"{ROOT}/query", (f"{ROOT}/{address}",))
    return surfaces.tell_again([asked]) == (asked,)


def test_every_surface_is_told_what_has_changed(surfaces: Surfaces, heard: Heard) -> None:
    other = Heard()
    surfaces.add(other)
    for value in (1, 1, 2, 1):
        surfaces.tell("record", value)
    assert heard.told == [("record", (1,)), ("record", (2,)), ("record", (1,))]
    assert other.told == heard.told
    surfaces.close()
    assert heard.closed
    assert other.closed


def test_what_was_told_is_told_again_to_who_asks(surfaces: Surfaces, heard: Heard) -> None:
    surfaces.tell("preset/state", "idle")
    surfaces.tell("state/late", 0.0)
    heard.told.clear()
    assert not ask(surfaces, "preset/state")
    assert heard.told == [("preset/state", ("idle",))]


def test_of_what_lies_beneath_the_session_tells_its_part(surfaces: Surfaces, heard: Heard) -> None:
    surfaces.tell("preset/state", "idle")
    heard.told.clear()
    assert ask(surfaces, "preset")
    assert heard.told == [("preset/state", ("idle",))]


def test_what_the_session_knows_is_asked_of_it(surfaces: Surfaces, heard: Heard) -> None:
    surfaces.pass_on(Echo(f"{ROOT}/knob/density", (0.5,)))
    surfaces.pass_on(Echo(f"{ROOT}/knob/density/value", (7.0,)))
    heard.told.clear()
    assert ask(surfaces, "knob/density/target")
    assert not heard.told
    assert not ask(surfaces, "knob/density/value")  # as it was heard, which it forgets
    assert heard.told == [("knob/density/value", (7.0,))]


def test_settings_are_left_as_they_came(surfaces: Surfaces) -> None:
    settings = ((f"{ROOT}/mode", ("freeze",)), (f"{ROOT}/query", (1,)), (f"{ROOT}/query", ()))
    assert surfaces.tell_again(settings) == settings


def test_another_preset_forgets_what_was_heard_of_the_one_before(
    surfaces: Surfaces, heard: Heard
) -> None:
    surfaces.tell_shown(Placed({"density": (0.25, 0.5)}))
    surfaces.tell("preset/state", "ready")
    surfaces.show(table(["contour"]))
    heard.told.clear()
    surfaces.tell_shown(Placed({"density": (0.5, 0.5)}))  # that came late
    assert ask(surfaces, "map/density")
    assert not ask(surfaces, "preset/state")
    assert heard.told == [("preset/state", ("ready",))]


def test_one_sentence_of_a_kind_is_spoken_in_a_second(
    surfaces: Surfaces, heard: Heard, said: list[str]
) -> None:
    surfaces.speak(Trouble("model", "first"), 10.0)
    surfaces.speak(Trouble("model", "at once"), 10.0 + SPEAK_EVERY / 2)
    surfaces.speak(Trouble("clock", "other"), 10.0 + SPEAK_EVERY / 2)
    surfaces.speak(Trouble("model", "later"), 10.0 + SPEAK_EVERY)
    assert said == ["first", "other", "later"]
    assert [args for _, args in heard.told] == [
        *(("model", "first"), ("clock", "other"), ("model", "later"))
    ]
    heard.told.clear()
    assert not ask(surfaces, "error/last")
    assert heard.told == [("error/last", ("model", "later"))]
