"""Freeze: the last closed window loops, and the knobs morph it while it plays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from presets import preset
from presets.bar import Note
from realtime.events import Control, Gesture, Halted, NoteOff, NoteOn, Rolling, SessionEvent
from realtime.model import Model
from realtime.offline import Stage
from realtime.render import notes_of
from realtime.session import Session
from realtime.state import State

BAR = 3840
OCTAVE_UP = 0.5
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]
OTHER = [Note(0, 72, 1900, 30), Note(1920, 71, 1900, 31)]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def keys(notes: Sequence[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


def set_(tick: int, address: str, *args: object) -> Control:
    return Control(tick, ((f"/glissar/{address}", args),))


def later(notes: Sequence[Note], bars: int) -> list[Note]:
    return [note.moved(bars * BAR) for note in notes]


def heard(session: Session, model: Model, script: Sequence[SessionEvent], bars: int) -> list[Note]:
    return notes_of(Stage(session, model.answer).perform(script, bars * BAR))


def pitches_in(bar: int, notes: Sequence[Note]) -> list[int]:
    return [n.pitch for n in notes if n.onset // BAR == bar]


def perform(model: Model, script: Sequence[SessionEvent], bars: int, state: State | None = None):
    session = Session(model.preset.manifest, state)
    return heard(session, model, [Rolling(0), *script], bars)


def test_the_last_closed_window_loops(model: Model) -> None:
    notes = perform(model, [*keys(ARCH), set_(BAR + 500, "mode", "freeze")], 5)
    assert notes == [n for bar in (1, 2, 3, 4) for n in later(ARCH, bar)]


def test_what_is_played_meanwhile_is_not_answered(model: Model) -> None:
    script = [*keys([*ARCH, *later(OTHER, 2)]), set_(BAR + 500, "mode", "freeze")]
    assert perform(model, script, 5) == [n for bar in (1, 2, 3, 4) for n in later(ARCH, bar)]


def test_knobs_morph_the_loop_while_it_plays(model: Model) -> None:
    script = [
        *keys(ARCH),
        set_(BAR + 500, "mode", "freeze"),
        set_(3 * BAR + 1900, "knob/contour", OCTAVE_UP),
        set_(5 * BAR, "knob/contour", 0),
    ]
    notes = perform(model, script, 7)
    assert pitches_in(2, notes) == [60, 64, 67, 60]
    assert pitches_in(3, notes) == [60, 64, 75, 72]
    assert pitches_in(4, notes) == [60, 68, 75, 72]
    assert [n for n in notes if n.onset >= 5 * BAR] == [*later(ARCH, 5), *later(ARCH, 6)]


def test_knobs_act_on_the_played_window_not_on_the_last_answer(model: Model) -> None:
    script = [
        *keys(ARCH),
        set_(0, "knob/contour", OCTAVE_UP),
        set_(BAR + 500, "mode", "freeze"),
    ]
    notes = perform(model, script, 6)
    assert all(pitches_in(bar, notes) == [60, 68, 75, 72] for bar in range(1, 6))


def test_back_in_follow_the_window_then_played_is_answered(model: Model) -> None:
    script = [
        *keys([*ARCH, *later(OTHER, 3)]),
        set_(BAR + 500, "mode", "freeze"),
        set_(3 * BAR + 500, "mode", "follow"),
    ]
    notes = perform(model, script, 6)
    assert pitches_in(3, notes) == [60, 64, 67, 60]
    assert notes[-2:] == later(OTHER, 4)


def test_the_mode_may_be_chosen_by_its_place_in_the_menu(model: Model) -> None:
    script = [*keys(ARCH), set_(BAR + 500, "mode", 1)]
    assert pitches_in(3, perform(model, script, 4)) == [60, 64, 67, 60]


def test_a_frozen_window_of_rests_is_silent(model: Model) -> None:
    script = [set_(BAR + 500, "mode", "freeze"), *keys(later(OTHER, 2))]
    assert perform(model, script, 5) == []


def test_frozen_before_anything_was_captured_is_silent(model: Model) -> None:
    assert perform(model, keys(ARCH), 4, State(mode="freeze")) == []


def test_a_loop_with_a_note_held_over_its_end_rings_through(model: Model) -> None:
    pedal = Note(0, 48, 2 * BAR, 64)
    notes = perform(model, [*keys([pedal]), set_(BAR + 500, "mode", "freeze")], 6)
    assert notes == [Note(BAR, 48, BAR, 64), *(Note(b * BAR, 48, BAR, 64) for b in range(2, 6))]


def test_the_loop_keeps_the_true_end_of_a_note_let_go_after_the_close(model: Model) -> None:
    late_off = [Note(2880, 67, 900, 80)]
    notes = perform(model, [*keys(late_off), set_(BAR + 500, "mode", "freeze")], 5)
    assert notes == [n for bar in (1, 2, 3, 4) for n in later(late_off, bar)]


def test_an_early_note_of_the_loop_stays_early(model: Model) -> None:
    early = Note(BAR - 60, 55, 700, 99)
    script = [*keys([early, *later(ARCH[1:], 1)]), set_(2 * BAR + 500, "mode", "freeze")]
    notes = perform(model, script, 5)
    assert [n for n in notes if n.pitch == 55] == [
        *(early.moved(bar * BAR) for bar in (1, 2, 3)),
        Note(5 * BAR - 60, 55, 60, 99),
    ]
    assert [n for n in notes if n.pitch != 55] == [
        n for bar in (2, 3, 4) for n in later(ARCH[1:], bar)
    ]


def test_a_bend_of_the_loop_is_bent_every_time(model: Model) -> None:
    bend = bytes((0xE0, 0x00, 0x50))
    script = [*keys(ARCH), Gesture(700, bend), set_(BAR + 500, "mode", "freeze")]
    stage = Stage(Session(model.preset.manifest), model.answer, channel=1)
    sent = list(stage.perform([Rolling(0), *script], 4 * BAR))
    assert [tick for tick, data in sent if data == bytes((0xE1, 0x00, 0x50))] == [
        bar * BAR + 700 for bar in (1, 2, 3)
    ]


def test_a_pedal_held_over_the_end_of_the_loop_is_lifted_for_the_next_round(model: Model) -> None:
    down, up = bytes((0xB0, 64, 127)), bytes((0xB0, 64, 0))
    script = [*keys(ARCH), Gesture(3000, down), set_(BAR + 500, "mode", "freeze")]
    stage = Stage(Session(model.preset.manifest), model.answer)
    sent = list(stage.perform([Rolling(0), *script], 4 * BAR))
    assert [(tick, data) for tick, data in sent if data in (down, up)] == [
        *[(BAR + 3000, down), (2 * BAR, up)],
        *[(2 * BAR + 3000, down), (3 * BAR, up)],
        *[(3 * BAR + 3000, down), (4 * BAR, up)],
    ]


def test_a_pedal_held_over_a_line_stays_while_windows_follow_each_other(model: Model) -> None:
    down, up = bytes((0xB0, 64, 127)), bytes((0xB0, 64, 0))
    script = [*keys(ARCH), Gesture(3000, down), Gesture(2 * BAR + 100, up)]
    stage = Stage(Session(model.preset.manifest), model.answer)
    sent = list(stage.perform([Rolling(0), *script], 5 * BAR))
    pedals = [(tick, data) for tick, data in sent if data[0] == 0xB0]
    assert pedals == [(BAR + 3000, down), (3 * BAR + 100, up)]


def test_with_delay_two_the_loop_begins_two_windows_later(model: Model) -> None:
    script = [*keys([*ARCH, *later(OTHER, 1)]), set_(2 * BAR + 500, "mode", "freeze")]
    notes = perform(model, script, 6, State(delay=2))
    assert notes == [*later(ARCH, 2), *(n for bar in (3, 4, 5) for n in later(OTHER, bar))]


def test_the_loop_outlives_a_halt(model: Model) -> None:
    script = [*keys(ARCH), set_(BAR + 500, "mode", "freeze"), Halted(2 * BAR), Rolling(8 * BAR)]
    notes = perform(model, script, 11)
    assert [n for n in notes if n.onset >= 8 * BAR] == [*later(ARCH, 9), *later(ARCH, 10)]


def test_a_new_engine_goes_on_with_the_state_of_the_old_one(model: Model) -> None:
    """An engine dies in freeze, with a knob turned; its state went to the supervisor as bytes."""
    old = Session(model.preset.manifest)
    script = [
        *keys(ARCH),
        Gesture(700, bytes((0xE0, 0x00, 0x50))),
        set_(BAR + 500, "mode", "freeze"),
        set_(BAR + 600, "knob/contour", OCTAVE_UP),
        set_(BAR + 700, "knob/density/target", 0.5),
        set_(BAR + 800, "knob/density", 0),
        set_(BAR + 900, "delay", 2),
    ]
    heard(old, model, [Rolling(0), *script], 2)
    kept = msgspec.msgpack.encode(old.state)
    state = msgspec.msgpack.decode(kept, type=State)
    assert state == old.state
    again = Session(model.preset.manifest, state)
    notes = heard(again, model, [Rolling(20 * BAR + 77)], 24)
    assert [n.onset // BAR for n in notes] == [22] * 4 + [23] * 4
    assert pitches_in(22, notes) == pitches_in(23, notes) == [60, 68, 75, 72]
