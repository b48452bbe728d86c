"""Morph: two captured windows, and a knob between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from presets import preset
from presets.bar import Note
from realtime.desk import State
from realtime.events import (
    Action,
    Answer,
    Control,
    Curve,
    Join,
    NoteOff,
    NoteOn,
    Request,
    Rolling,
    SessionEvent,
    Trouble,
    Woke,
)
from realtime.model import Model
from realtime.offline import Stage
from realtime.render import notes_of
from realtime.session import Session

BAR = 3840
A = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]
B = [Note(0, 72, 1900, 30), Note(1920, 71, 1900, 31)]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def keys(notes: Sequence[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


def set_(tick: int, *settings: tuple[str, object] | str) -> Control:
    pairs = [(s, ()) if isinstance(s, str) else (s[0], (s[1],)) for s in settings]
    return Control(tick, tuple((f"/glissar/{address}", args) for address, args in pairs))


def later(notes: Sequence[Note], bars: int) -> list[Note]:
    return [note.moved(bars * BAR) for note in notes]


# A in bar 0, captured in bar 1; B in bar 1, captured in bar 2, from which on they are morphed.
CAPTURED: list[SessionEvent] = [
    *keys([*A, *later(B, 1)]),
    set_(BAR + 500, "morph/a"),
    set_(2 * BAR + 500, "morph/b", ("mode", "morph")),
]


def perform(
    model: Model, script: Sequence[SessionEvent], bars: int, state: State | None = None
) -> list[Note]:
    session = Session(model.preset.manifest, state)
    stage = Stage(session, model.answer, join=model.join)
    return notes_of(stage.perform([Rolling(0), *script], bars * BAR))


def bar_of(notes: Sequence[Note], bar: int) -> list[Note]:
    return [n.moved(-bar * BAR) for n in notes if n.onset // BAR == bar]


def test_both_come_back_event_for_event(model: Model) -> None:
    notes = perform(model, [*CAPTURED, set_(5 * BAR - 400, ("morph", 1.0))], 8)
    assert bar_of(notes, 3) == A
    assert bar_of(notes, 4)[:3] == A[:3]
    assert [bar_of(notes, bar) for bar in (5, 6, 7)] == [B] * 3


def test_between_them_other_windows_are_heard(model: Model) -> None:
    notes = perform(model, [*CAPTURED, set_(4 * BAR - 400, ("morph", 0.4))], 7)
    between = bar_of(notes, 5)
    assert between not in (A, B)
    assert between == bar_of(notes, 6)
    pitches = {n.pitch for n in between}
    assert min(pitches) >= 60
    assert max(pitches) <= 72


def test_what_is_heard_follows_the_knob_in_the_middle_of_a_window(model: Model) -> None:
    notes = perform(model, [*CAPTURED, set_(4 * BAR + 1800, ("morph", 1.0))], 6)
    assert bar_of(notes, 4)[:2] == A[:2]
    assert bar_of(notes, 4)[2:] == [B[1]]


def test_one_end_alone_loops(model: Model) -> None:
    script = [*keys(A), set_(BAR + 500, "morph/a", ("mode", "morph"), ("morph", 0.7))]
    notes = perform(model, script, 5)
    assert [bar_of(notes, bar) for bar in (1, 2, 3, 4)] == [A] * 4


def test_without_an_end_what_is_played_is_answered(model: Model) -> None:
    notes = perform(model, keys(A), 3, State(mode="morph", morph=0.5))
    assert notes == later(A, 1)


def test_other_knobs_move_what_is_morphed(model: Model) -> None:
    script = [*CAPTURED, set_(3 * BAR - 400, ("knob/contour", 0.5))]
    notes = perform(model, script, 5)
    assert [n.pitch for n in bar_of(notes, 4)] == [60, 68, 75, 72]


def test_a_new_end_while_it_plays_is_morphed_from_the_next_window_on(model: Model) -> None:
    script = [*CAPTURED, *keys(later(B, 3)), set_(4 * BAR + 100, "morph/a")]
    notes = perform(model, script, 7)
    assert bar_of(notes, 4) == A
    assert [bar_of(notes, bar) for bar in (5, 6)] == [B] * 2


def test_what_was_not_played_is_not_captured(model: Model) -> None:
    session = Session(model.preset.manifest)
    (said,) = session.handle(set_(0, "morph/a"))
    assert said == Trouble(
        "empty", "nothing was played to capture; play, then send /glissar/morph/a."
    )
    assert session.state.a is None


def two_captured(session: Session) -> list[Action]:
    """The actions of the capture that makes them two."""
    done: list[Action] = []
    for event in [Rolling(0), *keys([*A, *later(B, 1)]), Woke(BAR), set_(BAR, "morph/a")]:
        list(session.handle(event))
    for event in (Woke(2 * BAR), set_(2 * BAR, "morph/b")):
        done = list(session.handle(event))
    return done


def test_a_path_is_asked_for_once_both_are_there(model: Model) -> None:
    session = Session(model.preset.manifest)
    done = two_captured(session)
    (asked,) = [a for a in done if isinstance(a, Request)]
    assert isinstance(asked.work, Join)
    encoding = model.preset.encoding
    assert encoding.window(asked.work.end).notes[0].pitch == 72
    (said,) = [a for a in done if isinstance(a, Trouble)]
    assert said.code == "straight"
    assert "tiny has no energy.onnx, so it morphs on a straight line" in said.sentence


def test_only_the_latest_path_counts(model: Model) -> None:
    session = Session(model.preset.manifest)
    (first,) = [a for a in two_captured(session) if isinstance(a, Request)]
    for event in [*keys(later(A, 2)), Woke(3 * BAR)]:
        list(session.handle(event))
    (again,) = [a for a in session.handle(set_(3 * BAR, "morph/b")) if isinstance(a, Request)]
    stale, fresh = Curve((), (0.0, 0.2, 1.0)), Curve((), (0.0, 0.9, 1.0))
    list(session.handle(Answer(0, first.id, None, curve=stale)))
    assert session.state.curve is None
    list(session.handle(Answer(0, again.id, None, curve=fresh)))
    assert session.state.curve == fresh


def test_a_path_that_is_not_found_is_told_and_the_morph_goes_straight(model: Model) -> None:
    session = Session(model.preset.manifest)
    (asked,) = [a for a in two_captured(session) if isinstance(a, Request)]
    told = list(session.handle(Answer(0, asked.id, None, "it failed")))
    assert told == [Trouble("model", "it failed")]
    assert session.state.curve is None
