"""Morph: two captured windows, and a knob between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from presets import preset
from presets.bar import Note
from realtime.events import (
    Action,
    Answer,
    Control,
    Curve,
    Echo,
    Halted,
    Join,
    NoteOff,
    NoteOn,
    Request,
    Rolling,
    SessionEvent,
    Trouble,
    Woke,
    Work,
)
from realtime.log import FORMAT, Header, Take
from realtime.model import Model
from realtime.offline import Stage
from realtime.render import notes_of
from realtime.replay import replay
from realtime.session import Session
from realtime.settings import Settings
from realtime.state import State

BAR = 3840
A = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]
OTHER = [Note(0, 65, 1900), Note(1920, 69, 1900)]
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


def test_a_new_end_leaves_the_window_that_sounds_on_its_path(model: Model) -> None:
    morphed = [*CAPTURED, set_(3 * BAR, ("morph", 0.35)), *keys(later(OTHER, 3))]
    as_it_was = perform(model, morphed, 7)
    captured = perform(model, [*morphed, set_(4 * BAR + 960, "morph/a")], 7)
    assert bar_of(captured, 4) == bar_of(as_it_was, 4)
    assert bar_of(captured, 5) != bar_of(as_it_was, 5)


def test_a_path_that_is_found_moves_the_window_that_sounds(model: Model) -> None:
    session = Session(model.preset.manifest, State(mode="morph", morph=0.5))
    (asked,) = [a for a in two_captured(session) if isinstance(a, Request)]
    works = {a.id: a.work for a in session.handle(Woke(3 * BAR)) if isinstance(a, Request)}
    ((number, work),) = works.items()
    assert isinstance(work, Work)
    assert work.between is not None
    assert work.between.curve is None
    list(session.handle(Answer(3 * BAR, number, model.answer(work))))
    curve = Curve((), (0.0, 0.9, 1.0))
    done = list(session.handle(Answer(3 * BAR + 10, asked.id, None, curve=curve)))
    (again,) = [a.work for a in done if isinstance(a, Request)]
    assert isinstance(again, Work)
    assert again.between == msgspec.structs.replace(work.between, curve=curve)


def test_another_end_forgets_the_path(model: Model) -> None:
    session = Session(model.preset.manifest)
    (asked,) = [a for a in two_captured(session) if isinstance(a, Request)]
    list(session.handle(Answer(0, asked.id, None, curve=Curve((), (0.0, 1.0)))))
    same = list(session.handle(set_(2 * BAR, "morph/b")))
    assert same == [Echo("/glissar/morph/b", ())]  # it is known
    for event in [*keys(later(OTHER, 2)), Woke(3 * BAR)]:
        list(session.handle(event))
    list(session.handle(set_(3 * BAR, "morph/b")))
    assert session.state.curve is None


def test_a_path_that_was_lost_is_asked_for_when_it_rolls_again(model: Model) -> None:
    session = Session(model.preset.manifest)
    two_captured(session)
    again = Session(model.preset.manifest, session.state)
    asked = [a for a in again.handle(Rolling(9 * BAR)) if isinstance(a, Request)]
    assert isinstance(asked[0].work, Join)


def test_what_was_played_before_a_halt_can_be_captured_after_it(model: Model) -> None:
    session = Session(model.preset.manifest)
    for event in [Rolling(0), *keys(A), Woke(BAR), Halted(BAR + 9), Rolling(4 * BAR)]:
        list(session.handle(event))
    assert list(session.handle(set_(4 * BAR, "morph/a"))) == [Echo("/glissar/morph/a", ())]
    assert session.state.a is not None
    assert session.state.a.window.notes == tuple(A)


def test_a_button_that_is_let_go_captures_nothing(model: Model) -> None:
    session = Session(model.preset.manifest)
    for event in [Rolling(0), *keys(A), Woke(BAR), set_(BAR, ("morph/a", 1.0))]:
        list(session.handle(event))
    for event in [*keys(later(B, 1)), Woke(2 * BAR), set_(2 * BAR, ("morph/a", 0.0))]:
        list(session.handle(event))
    assert session.state.a is not None
    assert session.state.a.window.notes == tuple(A)


def test_the_tail_of_a_note_is_not_captured(model: Model) -> None:
    """It rings on into a bar that is empty otherwise."""
    tail = [*A[:3], Note(2880, 60, 960 + 60)]
    session = Session(model.preset.manifest)
    for event in [Rolling(0), *keys(tail), Woke(BAR), Woke(2 * BAR)]:
        list(session.handle(event))
    (said,) = session.handle(set_(2 * BAR, "morph/a"))
    assert isinstance(said, Trouble)
    assert said.code == "empty"


def test_a_note_let_go_at_the_line_has_its_own_end_where_nothing_is_captured(model: Model) -> None:
    short = [*A[:3], Note(2880, 60, 960 - 40)]
    assert perform(model, keys(short), 3, State(mode="morph")) == later(short, 1)


def test_a_replay_of_a_morph_decides_the_same(model: Model) -> None:
    """As a log has it: paths and answers stand among the events."""
    session, log = Session(model.preset.manifest), list[SessionEvent]()
    waiting = [Rolling(0), *CAPTURED, set_(3 * BAR, ("morph", 0.35)), *map(Woke, (BAR, 2 * BAR))]
    for event in sorted([*waiting, Woke(3 * BAR), Woke(4 * BAR)], key=lambda e: e.tick):
        log.append(event)
        for action in session.handle(event):
            if isinstance(action, Request):
                log.append(answered(model, event.tick, action))
                list(session.handle(log[-1]))
    assert session.state.curve is not None
    head = Header(FORMAT, "tiny", model.preset.sha256, Settings(), State())
    again = replay([Take(head, [*log])], lambda _: model)
    assert again.decisions > 0
    assert again.otherwise == 0


def answered(model: Model, tick: int, request: Request) -> Answer:
    if isinstance(request.work, Join):
        return Answer(tick, request.id, None, curve=model.join(request.work))
    return Answer(tick, request.id, model.answer(request.work))


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
