"""Asking and answering: what the session does while the model thinks, fails, or is late.

The session is driven by hand here; answers come from the real model, when the test says so.
"""

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
    Decoded,
    Echo,
    Halted,
    NoteOff,
    NoteOn,
    Play,
    Request,
    Rolling,
    SessionEvent,
    SetTempo,
    Store,
    Trouble,
    Wake,
    Woke,
)
from realtime.model import Model
from realtime.session import Session
from realtime.state import State

BAR, LEAD = 3840, 120
CLOSE = BAR - LEAD
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 900)]
DRY = [60, 64, 67, 60]
UP = [60, 68, 75, 72]  # the contour knob at 0.5
HOLD, REST = 30, 31
C, E, G = 5, 9, 12  # tokens of 60, 64, 67


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def keys(notes: Sequence[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


def tell(session: Session, *events: SessionEvent) -> list[Action]:
    return [action for event in events for action in session.handle(event)]


def turn(tick: int, knob: str, value: float) -> Control:
    return Control(tick, ((f"/glissar/knob/{knob}", (value,)),))


def begin(model: Model, notes: Sequence[Note] = ARCH, **knobs: float) -> Session:
    """A session that has heard a bar, just before its close."""
    state = State({name: ("offset", value) for name, value in knobs.items()})
    session = Session(model.preset.manifest, state)
    tell(session, Rolling(0), *keys(notes))
    return session


def requests(actions: Sequence[Action]) -> list[Request]:
    return [a for a in actions if isinstance(a, Request)]


def plans(actions: Sequence[Action]) -> list[list[int]]:
    return [[n.pitch for n in a.plan.notes] for a in actions if isinstance(a, Play)]


def test_what_is_kept_in_a_bundle_is_what_was_set_by_then(model: Model) -> None:
    settings = (*turn(BAR, "contour", 0.5).settings, ("/glissar/snapshot/save", ("a",)))
    session = begin(model)
    kept = [
        session.state.knobs["contour"]
        for action in session.handle(Control(BAR, (*settings, *turn(BAR, "contour", 0).settings)))
        if isinstance(action, Store)
    ]
    assert kept == [("offset", 0.5)]


def echoes(actions: Sequence[Action]) -> dict[str, object]:
    return {a.address: a.args[0] for a in actions if isinstance(a, Echo)}


def answer(model: Model, request: Request, tick: int = CLOSE) -> Answer:
    return Answer(tick, request.id, model.answer(request.work))


# --- asking ---------------------------------------------------------------------------------------


def test_the_dry_plan_goes_first_and_the_answer_replaces_it(model: Model) -> None:
    session = begin(model, contour=0.5)
    actions = tell(session, Woke(CLOSE))
    assert [type(a) for a in actions[:2]] == [Play, Request]
    assert plans(actions) == [DRY]
    assert plans(tell(session, answer(model, requests(actions)[0]))) == [UP]


def test_the_model_is_asked_for_what_was_played(model: Model) -> None:
    work = requests(tell(begin(model, contour=0.5), Woke(CLOSE)))[0].work
    held = [HOLD] * 5
    assert list(work.tokens) == [C, *held, E, *held, G, *held, C, *held]
    assert work.knobs == {"contour": ("offset", 0.5)}


def test_the_model_hears_an_early_note_on_the_first_line_of_its_window(model: Model) -> None:
    session = begin(model, [Note(BAR - 100, 64, 900), *(n.moved(BAR) for n in ARCH[1:])])
    tell(session, turn(0, "contour", 0.5))
    assert requests(tell(session, Woke(CLOSE))) == []
    assert requests(tell(session, Woke(BAR + CLOSE)))[0].work.tokens[0] == E


def test_a_tied_note_is_asked_about_as_held_from_before(model: Model) -> None:
    session = begin(model, [Note(2880, 60, 1900), Note(BAR + 960, 64, 2880)], contour=0.5)
    tell(session, Woke(CLOSE))
    second = requests(tell(session, Woke(BAR + CLOSE)))[0]
    assert list(second.work.tokens) == [HOLD] * 6 + [E] + [HOLD] * 17


@pytest.mark.parametrize(("gap", "silent"), [(479, False), (480, True)])
def test_staccato_is_asked_about_as_held_and_half_a_beat_of_silence_as_a_rest(
    model: Model, gap: int, silent: bool
) -> None:
    session = begin(model, [Note(0, 60, 960 - gap), Note(960, 64, 2880)], contour=0.5)
    first_beat = requests(tell(session, Woke(CLOSE)))[0].work.tokens[:6]
    assert (REST in first_beat) is silent


def test_nothing_is_asked_while_every_knob_is_neutral(model: Model) -> None:
    assert requests(tell(begin(model), Woke(CLOSE))) == []


def test_nothing_is_asked_about_rests(model: Model) -> None:
    actions = tell(begin(model, [], contour=0.5), Woke(CLOSE))
    assert (requests(actions), plans(actions)) == ([], [[]])


def test_edit_full_asks_even_with_neutral_knobs(model: Model) -> None:
    session = begin(model)
    tell(session, Control(5, (("/glissar/edit", ("full",)),)))
    assert len(requests(tell(session, Woke(CLOSE)))) == 1


def test_every_close_asks_for_the_next_wake(model: Model) -> None:
    session = Session(model.preset.manifest)
    wakes = [a.tick for a in tell(session, Rolling(0), Woke(CLOSE)) if isinstance(a, Wake)]
    assert wakes == [CLOSE, BAR + CLOSE]


def test_a_wake_of_before_a_halt_closes_nothing(model: Model) -> None:
    session = begin(model, contour=0.5)
    assert plans(tell(session, Halted(CLOSE - 1), Woke(CLOSE))) == []
    assert plans(tell(session, Rolling(2 * BAR), Woke(CLOSE))) == []


# --- latest value wins ----------------------------------------------------------------------------


def test_while_a_request_is_under_way_turns_wait_and_the_latest_is_asked(model: Model) -> None:
    session = begin(model, contour=0.5)
    first = requests(tell(session, Woke(CLOSE)))[0]
    turns = [turn(CLOSE + i, "contour", i / 100) for i in range(1, 60)]
    assert requests(tell(session, *turns)) == []
    again = requests(tell(session, answer(model, first)))
    assert [r.work.knobs for r in again] == [{"contour": ("offset", 0.59)}]
    assert requests(tell(session, answer(model, again[0]))) == []


def test_knobs_back_at_neutral_make_the_answer_under_way_stale(model: Model) -> None:
    session = begin(model, contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    assert plans(tell(session, turn(CLOSE + 1, "contour", 0))) == [DRY]
    assert tell(session, answer(model, asked)) == []


def test_neutral_and_back_again_is_answered_by_the_new_request_only(model: Model) -> None:
    session = begin(model, contour=0.5)
    old = requests(tell(session, Woke(CLOSE)))[0]
    tell(session, turn(CLOSE + 1, "contour", 0))
    new = requests(tell(session, turn(CLOSE + 2, "contour", 0.25)))[0]
    assert old.id != new.id
    assert tell(session, answer(model, old)) == []
    assert plans(tell(session, answer(model, new))) == [[60, 66, 71, 66]]


def test_a_bundle_applies_together(model: Model) -> None:
    session = begin(model)
    tell(session, Woke(CLOSE))
    both = (("/glissar/knob/contour", (0.5,)), ("/glissar/knob/density", (0.35,)))
    asked = requests(tell(session, Control(BAR + 100, both)))
    assert [r.work.knobs for r in asked] == [
        {"contour": ("offset", 0.5), "density": ("offset", 0.35)}
    ]


def test_of_two_values_in_one_bundle_the_last_wins(model: Model) -> None:
    session = begin(model)
    tell(session, Woke(CLOSE))
    both = (("/glissar/knob/contour", (0.5,)), ("/glissar/knob/contour", (-0.5,)))
    asked = requests(tell(session, Control(BAR + 100, both)))
    assert [r.work.knobs for r in asked] == [{"contour": ("offset", -0.5)}]


def test_taps_are_timed_by_when_they_came_as_a_song_that_stands_has_no_ticks(model: Model) -> None:
    session = Session(model.preset.manifest)
    tap = (("/glissar/transport/tap", ()),)
    actions = tell(session, Control(0, tap, 7.0), Control(0, tap, 7.5), Control(0, tap, 8.0))
    assert [a for a in actions if isinstance(a, SetTempo)] == [SetTempo(120), SetTempo(120)]


def test_a_knob_set_to_where_it_is_asks_nothing(model: Model) -> None:
    session = begin(model, contour=0.5)
    tell(session, *[answer(model, r) for r in requests(tell(session, Woke(CLOSE)))])
    assert requests(tell(session, turn(BAR + 5, "contour", 0.5))) == []


def test_a_window_that_has_passed_is_not_asked_about_again(model: Model) -> None:
    session = begin(model)
    tell(session, Woke(CLOSE))
    assert requests(tell(session, turn(2 * BAR, "contour", 0.5))) == []


# --- stale, late, failing -------------------------------------------------------------------------


def test_an_answer_to_a_window_that_has_passed_is_dropped(model: Model) -> None:
    session = begin(model, contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    tell(session, Woke(BAR + CLOSE), Woke(2 * BAR + CLOSE))
    assert tell(session, answer(model, asked, 3 * BAR)) == []


def test_an_answer_from_before_a_halt_is_dropped(model: Model) -> None:
    session = begin(model, contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    assert tell(session, Halted(BAR), answer(model, asked, BAR)) == []
    assert tell(session, Rolling(0), answer(model, asked, 0))[1:] == []


def test_an_answer_nobody_asked_for_is_dropped(model: Model) -> None:
    session = begin(model, contour=0.5)
    tell(session, Woke(CLOSE))
    assert tell(session, Answer(CLOSE, 99, Decoded((0,) * 24, (1,) * 24))) == []


def test_the_same_answer_twice_is_heard_once(model: Model) -> None:
    session = begin(model, contour=0.5)
    once = answer(model, requests(tell(session, Woke(CLOSE)))[0])
    assert len(plans(tell(session, once, once))) == 1


def test_a_late_answer_is_planned_from_where_it_was_asked_for(model: Model) -> None:
    """The schedule lets a late plan act from the moment it comes; the session need not know."""
    session = begin(model, contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    late = tell(session, answer(model, asked, BAR + 1000))
    assert [a.plan.since for a in late if isinstance(a, Play)] == [BAR]


def test_a_failing_model_leaves_the_dry_window_is_counted_and_reported(model: Model) -> None:
    session = begin(model, contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    actions = tell(session, Answer(CLOSE, asked.id, None, "the model could not answer."))
    assert Trouble("model", "the model could not answer.") in actions
    assert echoes(actions)["/glissar/state/failed"] == 1
    assert plans(actions) == [DRY]


def test_a_failing_model_takes_a_former_answer_back_to_the_dry_window(model: Model) -> None:
    session = begin(model, contour=0.5)
    tell(session, answer(model, requests(tell(session, Woke(CLOSE)))[0]))
    asked = requests(tell(session, turn(BAR + 1000, "contour", -0.5)))[0]
    actions = tell(session, Answer(BAR + 1001, asked.id, None, "failed."))
    assert plans(actions) == [DRY]
    assert [a.plan.since for a in actions if isinstance(a, Play)] == [BAR + 1200]


def test_after_a_failure_the_echo_says_the_dry_value_heard(model: Model) -> None:
    session = begin(model, contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    said = echoes(tell(session, Answer(CLOSE, asked.id, None, "failed.")))
    assert said["/glissar/knob/density/value"] == 4
    assert said["/glissar/knob/contour/value"] == 0


def test_after_a_failure_the_latest_value_is_asked_again(model: Model) -> None:
    session = begin(model, contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    tell(session, turn(CLOSE + 1, "contour", 0.4))
    again = requests(tell(session, Answer(CLOSE + 2, asked.id, None, "failed.")))
    assert [r.work.knobs for r in again] == [{"contour": ("offset", 0.4)}]


def test_the_window_after_a_failure_is_asked_as_usual(model: Model) -> None:
    session = begin(model, [*ARCH, *(n.moved(BAR) for n in ARCH)], contour=0.5)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    tell(session, Answer(CLOSE, asked.id, None, "failed."))
    assert len(requests(tell(session, Woke(BAR + CLOSE)))) == 1


# --- what is told ---------------------------------------------------------------------------------


def test_the_echo_says_the_values_heard(model: Model) -> None:
    session = begin(model, contour=0.5, density=0.35)
    asked = requests(tell(session, Woke(CLOSE)))[0]
    said = echoes(tell(session, answer(model, asked)))
    assert said["/glissar/knob/density/value"] == 8
    assert said["/glissar/knob/contour/value"] == 12
    assert said["/glissar/state/notes"] == 8


def test_a_close_tells_the_bar_and_how_far_the_window_lies_from_the_style(model: Model) -> None:
    loose = [Note(n.onset + 24, n.pitch + 36, n.duration, n.velocity) for n in ARCH]
    said = echoes(tell(begin(model, loose), Woke(CLOSE)))
    assert said["/glissar/state/bar"] == 1
    assert said["/glissar/state/offgrid"] == 0.025
    assert said["/glissar/knob/density/value"] == 4


def test_notes_that_need_an_octave_of_their_own_are_counted_as_folded(model: Model) -> None:
    wide = [Note(0, 40, 900), Note(960, 62, 900), Note(1920, 84, 900), Note(2880, 72, 900)]
    assert echoes(tell(begin(model, wide), Woke(CLOSE)))["/glissar/state/folded"] == 1
