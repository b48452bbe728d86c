"""What surfaces are told of windows: once when one begins, again when it becomes another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from presets import preset
from presets.bar import Note
from realtime.events import (
    Action,
    Answer,
    Control,
    Echo,
    NoteOff,
    NoteOn,
    Play,
    Request,
    Rolling,
    SessionEvent,
    Woke,
    Work,
)
from realtime.model import Model
from realtime.session import Session
from realtime.state import State
from realtime.windows import HEARD, PLAYED, read

BAR, LEAD = 3840, 120
CLOSE = BAR - LEAD
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 900)]
DRY = [60, 64, 67, 60]
LEANING = State({"contour": ("offset", 0.5)})
UP = [60, 68, 75, 72]  # the contour knob at 0.5


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


class Performer:
    """Plays the arch in every bar; the model answers at once, unless it is told to think."""

    def __init__(self, model: Model, state: State | None = None) -> None:
        self.model, self.session = model, Session(model.preset.manifest, state)
        self.bars = 0
        self.tell(Rolling(0))

    def tell(self, *events: SessionEvent, thinks: bool = False) -> list[Action]:
        done: list[Action] = []
        for event in events:
            for action in self.session.handle(event):
                done.append(action)
                if isinstance(action, Request) and not thinks:
                    done += self.answer(action, event.tick)
        return done

    def answer(self, request: Request, tick: int) -> list[Action]:
        assert isinstance(request.work, Work)
        return self.tell(Answer(tick, request.id, self.model.answer(request.work)))

    def bar(self, *, thinks: bool = False) -> list[Action]:
        start, self.bars = self.bars * BAR, self.bars + 1
        ons = [NoteOn(start + n.onset, n.pitch, n.velocity) for n in ARCH]
        offs = [NoteOff(start + n.end, n.pitch) for n in ARCH]
        keys = sorted([*ons, *offs], key=lambda e: e.tick)
        return self.tell(*keys, Woke(start + CLOSE), thinks=thinks)

    def turn(self, tick: int, value: float) -> list[Action]:
        return self.tell(Control(tick, (("/glissar/knob/contour", (value,)),)))


def told(actions: Sequence[Action], address: str) -> list[tuple[int, list[int]]]:
    """Where each window that is told begins to sound, and its pitches."""
    of = [read(a.args) for a in actions if isinstance(a, Echo) and a.address == address]
    return [(start, [n.pitch for n in notes]) for start, _, notes in of]


def test_a_window_is_told_as_played_and_as_heard_where_it_sounds(model: Model) -> None:
    actions = Performer(model, LEANING).bar()
    assert told(actions, PLAYED) == [(BAR, DRY)]
    assert told(actions, HEARD) == [(BAR, UP)]
    kinds = [type(a) for a in actions]
    assert kinds.index(Echo) > kinds.index(Play)


def test_what_is_heard_is_told_when_it_is_known(model: Model) -> None:
    performer = Performer(model, LEANING)
    actions = performer.bar(thinks=True)
    assert told(actions, PLAYED) == [(BAR, DRY)]
    assert told(actions, HEARD) == []
    (request,) = [a for a in actions if isinstance(a, Request)]
    assert told(performer.answer(request, CLOSE), HEARD) == [(BAR, UP)]


def test_a_model_that_fails_is_heard_dry(model: Model) -> None:
    performer = Performer(model, LEANING)
    (request,) = [a for a in performer.bar(thinks=True) if isinstance(a, Request)]
    failed = performer.tell(Answer(CLOSE, request.id, None, "it failed."))
    assert told(failed, HEARD) == [(BAR, DRY)]


def test_a_knob_in_the_middle_of_a_window_tells_it_with_another_rest(model: Model) -> None:
    performer = Performer(model)
    assert told(performer.bar(), HEARD) == [(BAR, DRY)]
    actions = performer.turn(BAR + BAR // 2 - 10, 0.5)
    assert told(actions, HEARD) == [(BAR, [60, 64, *UP[2:]])]
    assert told(actions, PLAYED) == []
    assert told(performer.turn(BAR + BAR // 2 + 10, 0.0), HEARD)[-1][1][-1] == 60


def test_with_a_longer_delay_it_is_told_of_what_sounds_next(model: Model) -> None:
    performer = Performer(model, State(delay=2))
    assert told(performer.bar(), HEARD) == [(BAR, [])]
    assert told(performer.bar(), HEARD) == [(2 * BAR, DRY)]


def test_a_window_held_over_its_close_is_told_again_at_its_end(model: Model) -> None:
    performer = Performer(model)
    actions = performer.tell(NoteOn(0, 60, 80), Woke(CLOSE), NoteOff(BAR - 30, 60), Woke(BAR))
    lengths = [
        read(a.args)[2][0].duration for a in actions if isinstance(a, Echo) and a.address == HEARD
    ]
    assert lengths == [BAR, BAR - 30]
