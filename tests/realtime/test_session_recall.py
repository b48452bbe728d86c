"""Undo, redo and snapshots while it plays: heard, echoed, and the same in a replay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from presets import preset
from presets.bar import Note
from realtime.events import (
    Action,
    Control,
    Echo,
    Fetch,
    NoteOff,
    NoteOn,
    Recalled,
    Rolling,
    SessionEvent,
    Store,
    Trouble,
)
from realtime.model import Model
from realtime.offline import Stage
from realtime.render import notes_of
from realtime.session import Session
from realtime.state import State

BAR = 3840
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 900)]
MORE = State({"density": ("offset", 0.35)})  # four more notes


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


@pytest.fixture
def session(model: Model) -> Session:
    return Session(model.preset.manifest)


def control(tick: int, path: str, *args: Any) -> Control:
    return Control(tick, ((f"/glissar/{path}", args),), time=float(tick))


def set_(session: Session, path: str, *args: Any, tick: int = 0) -> list[Action]:
    return list(session.handle(control(tick, path, *args)))


def bars(count: int) -> list[SessionEvent]:
    notes = [note.moved(n * BAR) for n in range(count) for note in ARCH]
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    return [*ons, *(NoteOff(n.end, n.pitch) for n in notes)]


def counts(model: Model, *script: SessionEvent, length: int = 8) -> list[int]:
    """Notes heard in every bar."""
    stage = Stage(Session(model.preset.manifest), model.answer)
    messages = stage.perform([Rolling(0), *bars(length), *script], length * BAR)
    onsets = [note.onset // BAR for note in notes_of(messages)]
    return [onsets.count(bar) for bar in range(length)]


def test_an_undone_knob_is_heard_no_more_and_redone_again(model: Model) -> None:
    turned = control(2 * BAR + 10, "knob/density", 0.35)
    undone, redone = control(4 * BAR - 200, "undo"), control(6 * BAR - 200, "redo")
    assert counts(model, turned, undone, redone) == [0, 4, 8, 8, 4, 4, 8, 8]


def test_what_is_another_is_echoed(session: Session) -> None:
    set_(session, "knob/density", 0.5, tick=1)
    set_(session, "mode", "freeze", tick=2)
    assert set_(session, "undo", tick=3) == [Echo("/glissar/mode", ("follow",))]
    assert set_(session, "undo", tick=4) == [Echo("/glissar/knob/density", (0.0,))]
    assert set_(session, "redo", tick=5) == [Echo("/glissar/knob/density", (0.5,))]
    assert set_(session, "undo", 0, tick=6) == []  # a button that is let go
    assert session.state.knobs == {"density": ("offset", 0.5)}


@pytest.mark.parametrize("step", ["undo", "redo"])
def test_nothing_to_go_to_is_said(session: Session, step: str) -> None:
    assert set_(session, step) == [Trouble("history", f"there is nothing to {step}.")]


def test_snapshots_are_asked_of_the_engine(session: Session) -> None:
    assert set_(session, "snapshot/save", "verse") == [Store("verse")]
    assert set_(session, "snapshot/recall", "verse") == [Fetch("verse")]
    assert set_(session, "snapshot/recall", "verse", 4) == [Fetch("verse", 4.0)]
    asked = set_(session, "snapshot/morph", "verse", "chorus", 1.5)
    assert asked == [Fetch("verse", 0.0, "chorus", 1.0)]
    for wrong in (("verse", "chorus"), ("verse", 1.0, "chorus"), ("a", "b", float("nan"))):
        [trouble] = set_(session, "snapshot/morph", *wrong)
        assert isinstance(trouble, Trouble)


def test_a_snapshot_is_heard_from_the_next_step_on(model: Model) -> None:
    assert counts(model, Recalled(3 * BAR - 200, MORE))[2:5] == [4, 8, 8]


def test_a_snapshot_is_reached_within_so_many_bars(model: Model) -> None:
    far = State({"density": ("offset", 0.7)})  # as many notes as there can be
    heard = counts(model, Recalled(2 * BAR - 200, far, bars=4))
    assert heard[1] == 4
    assert heard[2] < heard[4] < heard[7]
    assert heard == sorted(heard)


def test_a_hand_at_a_control_ends_the_way_to_a_snapshot(model: Model) -> None:
    glide = Recalled(2 * BAR - 200, State({"density": ("offset", 0.7)}), bars=4)
    heard = counts(model, glide, control(3 * BAR - 200, "knob/density", 0.0))
    assert heard[3:] == [4] * 5


def test_a_recall_can_be_undone(session: Session) -> None:
    list(session.handle(Recalled(5, MORE, time=5.0)))
    assert session.state.knobs == MORE.knobs
    set_(session, "undo", tick=9)
    assert session.state.knobs == {}


def test_of_a_foreign_snapshot_what_means_nothing_here_is_left_out(session: Session) -> None:
    foreign = State({"loudness": ("offset", 1.0)}, choices={"scale": "major"}, delay=3)
    list(session.handle(Recalled(5, foreign)))
    assert (session.state.knobs, session.state.choices, session.state.delay) == ({}, {}, 3)
