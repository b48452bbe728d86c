"""What devices send is taken, and what they ask for is told."""

from __future__ import annotations

import pytest

from presets.manifest import Manifest
from realtime.controls import ROOT
from realtime.desk import Desk
from realtime.devices.meeting import AGAIN, BEAT, PROOF, QUERY, SILENCE
from realtime.devices.surface import Surface, Widget
from realtime.events import Echo, Trouble
from realtime.ports.osc import KEEP_ALIVE
from realtime.state import State

ENGINES = ("preset/state", "record", "transport/play", "transport/tempo")
OF_THE_ENGINE = {f"{ROOT}/{name}" for name in ENGINES}


@pytest.fixture
def desk(facts: Manifest) -> Desk:
    constraints = [constraint.name for constraint in facts.constraints]
    return Desk(facts.name, facts.knobs, State(), facts.menus, constraints)


def sent(widget: Widget) -> list[tuple[float | str, ...]]:
    """What its widget may send, in any program: Max and Pd have floats for whole numbers, too."""
    match widget.kind:
        case "button":
            return [()]
        case "menu":
            numbers = [float(entry) for entry in widget.options if entry.isdigit()]
            return [(value,) for value in (*widget.options, *numbers)]
        case _:
            return [(value,) for value in (widget.low, widget.high, int(widget.high))]


def test_what_a_device_sends_is_taken(whole: Surface, desk: Desk) -> None:
    for widget in whole.widgets:
        for args in sent(widget):
            actions = list(desk.set(widget.address, args))
            assert not [action for action in actions if isinstance(action, Trouble)], widget


def test_what_a_device_asks_for_is_told(whole: Surface, desk: Desk) -> None:
    """By the session, but for what the engine knows."""
    for address in {*whole.asked, PROOF} - OF_THE_ENGINE:
        action, *_ = desk.set(QUERY, (address,))  # and what lies beneath it
        assert isinstance(action, Echo)
        assert action.address == address


def test_a_device_is_never_forgotten_and_never_taken_for_silent() -> None:
    assert AGAIN < KEEP_ALIVE * 1000
    assert BEAT < SILENCE
