"""Whatever is played, turned, stopped or answered, and in whatever order, the music goes on.

Random scripts go to the real session and schedule. The model is the tiny preset's for some scripts
and a liar for others: it answers late, twice, with mad tokens of its vocabulary, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presets import preset
from presets.bar import Note
from realtime.events import (
    Answer,
    Control,
    Decoded,
    Gesture,
    Halted,
    NoteOff,
    NoteOn,
    Play,
    Request,
    Rolling,
    SessionEvent,
    Wake,
    Woke,
)
from realtime.model import Model
from realtime.offline import Stage, Timed
from realtime.render import notes_of
from realtime.schedule import Schedule
from realtime.session import Session
from realtime.state import State

BAR, LAST = 3840, 6 * 3840
SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


ticks = st.integers(-BAR, LAST - BAR)
keys = st.integers(20, 110)
values = st.sampled_from([0, 0.0, -1, 1, 0.3, -0.62, 5, float("nan"), True, "x", None, "freeze", 1])
addresses = st.sampled_from(
    [
        *("knob/density", "knob/contour", "knob/density/target", "knob/contour/target"),
        *("mode", "edit", "delay", "query", "thru", "knob/none", "transport/play"),
    ]
).map(lambda path: f"/glissar/{path}")
events: st.SearchStrategy[SessionEvent] = st.one_of(
    st.builds(NoteOn, ticks, keys, st.integers(1, 127), st.integers(0, 2)),
    st.builds(NoteOn, ticks, keys, st.integers(1, 127), st.just(0)),
    st.builds(NoteOff, ticks, keys, st.integers(0, 2)),
    st.builds(Gesture, ticks, st.sampled_from([b"\xe0\x00\x40", b"\xb0\x40\x7f", b"\xd0\x10"])),
    st.builds(
        Control, ticks, st.lists(st.tuples(addresses, st.tuples(values)), max_size=3).map(tuple)
    ),
    st.builds(Halted, ticks),
    st.builds(Rolling, ticks),
)
notes_ = st.builds(Note, st.integers(0, 3 * BAR), st.integers(48, 84), st.integers(30, BAR))
melodies = st.lists(notes_, max_size=12, unique_by=lambda n: (n.onset, n.pitch))


def hands(notes: Sequence[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


def assert_paired(sent: Sequence[Timed]) -> None:
    """Times never go back; each note-on gets exactly one note-off; no key is struck twice."""
    sounding: set[int] = set()
    before = sent[0][0] if sent else 0
    for tick, data in sent:
        assert tick >= before
        before = tick
        if data[0] & 0xF0 == 0x90:
            assert data[1] not in sounding
            assert 1 <= data[2] <= 127
            sounding.add(data[1])
        elif data[0] & 0xF0 == 0x80:
            sounding.remove(data[1])
    assert not sounding


@SLOW
@given(st.lists(events, max_size=40))
def test_no_script_raises_and_every_note_on_gets_its_off(
    model: Model, script: list[SessionEvent]
) -> None:
    stage = Stage(Session(model.preset.manifest), model.answer)
    assert_paired(list(stage.perform([Rolling(-BAR), *script], LAST)))


@SLOW
@given(melodies, st.integers(1, 3))
def test_neutral_knobs_give_back_what_one_keyboard_can_play(
    model: Model, notes: list[Note], delay: int
) -> None:
    stage = Stage(Session(model.preset.manifest, State(delay=delay)), model.answer)
    sent = list(stage.perform([Rolling(0), *hands(notes)], 9 * BAR))
    straight = [(tick, data) for tick, data in _as_bytes(notes)]
    assert [n.moved(-delay * BAR) for n in notes_of(sent)] == notes_of(straight)


def _as_bytes(notes: Sequence[Note]) -> Iterator[Timed]:
    for event in hands(notes):
        if isinstance(event, NoteOn):
            yield event.tick, bytes((0x90, event.pitch, event.velocity))
        elif isinstance(event, NoteOff):
            yield event.tick, bytes((0x80, event.pitch, 64))


@SLOW
@given(melodies, st.floats(-1, 1), st.floats(-1, 1))
def test_a_knob_turned_before_everything_is_the_knob_of_the_start(
    model: Model, notes: list[Note], density: float, contour: float
) -> None:
    turned = {"density": density, "contour": contour}
    together = tuple((f"/glissar/knob/{name}", (value,)) for name, value in turned.items())
    state = State({name: ("offset", value) for name, value in turned.items()})
    script = [Rolling(0), *hands(notes)]

    def heard(session: Session, script: Sequence[SessionEvent]) -> list[Timed]:
        return list(Stage(session, model.answer).perform(script, LAST))

    by_hand = heard(Session(model.preset.manifest), [Control(-1, together), *script])
    assert by_hand == heard(Session(model.preset.manifest, state), script)


@SLOW
@given(st.lists(events, max_size=30), st.integers(0, 30))
def test_the_state_can_be_kept_at_any_time(
    model: Model, script: list[SessionEvent], cut: int
) -> None:
    session = Session(model.preset.manifest)
    list(Stage(session, model.answer).perform([Rolling(-BAR), *script[:cut]], LAST))
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(session.state), type=State)
    assert kept == session.state
    again = Stage(Session(model.preset.manifest, kept), model.answer)
    assert_paired(list(again.perform([Rolling(0), *script[cut:]], LAST)))


class Liar:
    """A player, a schedule, and a model that answers as `draw` says. Ticks go on, never back."""

    def __init__(self, session: Session, draw: Any) -> None:
        self.session, self.draw = session, draw
        self.schedule = Schedule(0)
        self.sent: list[Timed] = []
        self.asked: list[Request] = []
        self.wakes: list[int] = []

    def tell(self, event: SessionEvent) -> None:
        self.sent += [(event.tick, data) for data in self.schedule.due(event.tick - 1)]
        if isinstance(event, Rolling | Halted):
            self.wakes.clear()
            self.sent += [(event.tick, data) for data in self.schedule.close_all()]
        for action in self.session.handle(event):
            match action:
                case Play():
                    self.schedule.add(action.plan)
                case Request():
                    self.asked.append(action)
                case Wake():
                    self.wakes.append(action.tick)
                case _:
                    pass

    def wake(self, tick: int) -> None:
        for wish in sorted(w for w in self.wakes if w <= tick):
            self.wakes.remove(wish)
            self.tell(Woke(tick))

    def answer(self, tick: int) -> None:
        """Maybe: one of the requests so far, however old, with any tokens, or a failure."""
        if self.asked and self.draw(st.booleans()):
            request = self.draw(st.sampled_from(self.asked))
            tokens = st.lists(st.integers(0, 31), min_size=24, max_size=24).map(tuple)
            decoded = self.draw(st.none() | st.builds(Decoded, tokens, tokens))
            self.tell(Answer(tick, request.id, decoded, "" if decoded else "failed."))


@SLOW
@given(st.data(), st.lists(events, max_size=25))
def test_a_late_stale_doubled_or_mad_answer_harms_nothing(
    model: Model, data: st.DataObject, script: list[SessionEvent]
) -> None:
    knobs: dict[str, tuple[str, float]] = {"contour": ("offset", 0.5)}
    liar = Liar(Session(model.preset.manifest, State(knobs)), data.draw)
    liar.tell(Rolling(-BAR))
    for event in sorted(script, key=lambda e: e.tick):
        liar.wake(event.tick)
        liar.tell(event)
        liar.answer(event.tick)
    for tick in range(LAST - BAR, LAST, 480):
        liar.wake(tick)
        liar.answer(tick)
    liar.tell(Halted(LAST))
    assert_paired(liar.sent)
