"""From one preset to another in the middle of a song: scripts of events in, notes heard out.

With every knob at neutral an answer is what was played, so that a change of presets shows in
nothing but the length of their windows: one bar, two, sixteen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets import preset
from presets.bar import Note, Window
from presets.errors import PresetError
from presets.folders import SHIPPED
from presets.manifest import Manifest
from realtime.events import (
    Action,
    Answer,
    Control,
    Echo,
    Halted,
    Load,
    NoteOff,
    NoteOn,
    Play,
    Request,
    Rolling,
    SessionEvent,
    Swapped,
    Wake,
    Woke,
    Work,
)
from realtime.loader import Loaded
from realtime.model import Model
from realtime.models import Models
from realtime.render import notes_of
from realtime.schedule import Schedule
from realtime.session import Session
from realtime.state import State, Taken
from realtime.swap import fitted

BAR, BEAT = 3840, 960
LENGTHS = {"bach": 1, "bach-2": 2, "session-16": 16}


@cache
def manifest(name: str) -> Manifest:
    return preset.read(SHIPPED / name).manifest


class Song:
    """A session that is played, and may be offered presets on its way; wakes come when asked."""

    def __init__(self, name: str, state: State | None = None) -> None:
        self.session = Session(manifest(name), state)
        self.schedule = Schedule(0)
        self.wakes: list[int] = []
        self.heard: list[tuple[int, bytes]] = []
        self.did: list[Action] = []

    def tell(self, event: SessionEvent) -> None:
        self.do(self.session.handle(event))

    def do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            self.did.append(action)
            if isinstance(action, Play):
                self.schedule.add(action.plan)
            elif isinstance(action, Wake):
                self.wakes.append(action.tick)

    def go_on(self, tick: int) -> None:
        """To just before `tick`."""
        while self.wakes and (wake := min(self.wakes)) < tick:
            self.wakes.remove(wake)
            self.say(wake)
            self.tell(Woke(wake))
        self.say(tick)

    def say(self, tick: int) -> None:
        while (now := self.schedule.next_tick()) is not None and now < tick:
            self.heard += [(now, data) for data in self.schedule.due(now)]
        self.schedule.due(tick - 1)

    def play(
        self, notes: Iterable[Note], offers: dict[int, str] | None = None, bars: int = 8
    ) -> list[Note]:
        """What is heard of the notes in so many bars; presets are offered at their ticks."""
        self.tell(Rolling(0))
        offered = [(tick, 1, name) for tick, name in (offers or {}).items()]
        for tick, _, what in sorted([*keys(notes), *offered], key=lambda e: e[:2]):
            self.go_on(tick)
            if isinstance(what, str):
                self.do(self.session.offer(manifest(what), what))
            else:
                self.tell(what)
        self.go_on(bars * BAR)
        self.heard += [(bars * BAR, data) for data in self.schedule.close_all()]
        return notes_of(self.heard)


def keys(notes: Iterable[Note]) -> Iterator[tuple[int, int, SessionEvent]]:
    for note in notes:
        yield note.onset, 2, NoteOn(note.onset, note.pitch, note.velocity)
        yield note.end, 0, NoteOff(note.end, note.pitch)


def scale(bars: int) -> list[Note]:
    """A note on every beat, none like those around it."""
    return [Note(n * BEAT, 48 + n % 36, 900) for n in range(4 * bars)]


def expected(notes: Iterable[Note], line: int, before: int, after: int, bars: int) -> list[Note]:
    """Every note so many bars later, up to the line, and from the line on."""
    early = [n.moved(before * BAR) for n in notes if n.onset + before * BAR < line]
    late = [n.moved(after * BAR) for n in notes if line <= n.onset + after * BAR < bars * BAR]
    return early + late


def test_windows_of_the_same_length_go_on_without_a_gap() -> None:
    song, notes = Song("bach"), scale(8)
    assert song.play(notes, {3 * BAR + 50: "bach"}) == expected(notes, 0, 1, 1, 8)
    assert sum(isinstance(action, Swapped) for action in song.did) == 1


@pytest.mark.parametrize("delay", [1, 2, 3])
def test_longer_windows_begin_with_what_was_played_before_they_came(delay: int) -> None:
    """Offered in the eighth bar, they take over at the next line that both have."""
    song, notes = Song("bach", State(delay=delay)), scale(14)
    heard = song.play(notes, {7 * BAR + 50: "bach-2"}, bars=14)
    assert heard == expected(notes, 8 * BAR, delay, 2 * delay, 14)


@pytest.mark.parametrize("delay", [1, 2, 3])
def test_shorter_windows_take_over_at_a_line_that_both_have(delay: int) -> None:
    song, notes = Song("bach-2", State(delay=delay)), scale(16)
    heard = song.play(notes, {8 * BAR + 50: "bach"}, bars=16)
    assert heard == expected(notes, 10 * BAR, 2 * delay, delay, 16)


def test_windows_of_sixteen_bars_wait_until_so_many_are_known() -> None:
    song, notes = Song("bach"), scale(40)
    heard = song.play(notes, {BAR + 50: "session-16"}, bars=40)
    assert heard == expected(notes, 16 * BAR, 1, 16, 40)


def test_a_song_taken_up_in_its_middle_knows_nothing_of_its_beginning() -> None:
    song, notes = Song("bach"), [note.moved(5 * BAR) for note in scale(7)]
    song.tell(Rolling(5 * BAR))
    for tick, _, event in sorted(keys(notes), key=lambda e: e[:2]):
        song.go_on(tick)
        if tick == 6 * BAR:
            song.do(song.session.offer(manifest("bach-2"), "bach-2"))
        song.tell(event)
    song.go_on(12 * BAR)
    heard = notes_of([*song.heard, *((12 * BAR, data) for data in song.schedule.close_all())])
    assert heard == expected(notes, 8 * BAR, 1, 2, 12)


names = st.sampled_from(sorted(LENGTHS))


@given(names, names, st.integers(1, 36 * BAR), st.integers(1, 2))
def test_from_its_line_on_it_is_as_if_the_new_one_had_played_all_along(
    first: str, then: str, tick: int, delay: int
) -> None:
    bars, notes = 70, scale(70)
    heard = Song(first, State(delay=delay)).play(notes, {tick: then}, bars)
    lines = range(delay * LENGTHS[then], bars + 1, LENGTHS[then])
    line = next(n for n in lines if n % LENGTHS[first] == 0 and n * BAR - 120 >= tick) * BAR
    assert heard == expected(notes, line, delay * LENGTHS[first], delay * LENGTHS[then], bars)


def test_a_song_that_stands_changes_at_once() -> None:
    song = Song("bach")
    song.do(song.session.offer(manifest("bach-2"), "bach-2"))
    assert isinstance(song.did[0], Swapped)
    told = {a.address: a.args for a in song.did if isinstance(a, Echo)}
    assert told["/glissar/preset/name"] == ("bach-2",)


def test_a_song_that_stops_on_the_way_changes_then() -> None:
    song = Song("bach")
    song.tell(Rolling(0))
    song.do(song.session.offer(manifest("session-16"), "session-16"))
    assert not any(isinstance(action, Swapped) for action in song.did)
    song.tell(Halted(500))
    assert any(isinstance(action, Swapped) for action in song.did)
    assert song.session.state.preset == "session-16"


def test_the_last_of_several_is_taken() -> None:
    song, notes = Song("bach"), scale(8)
    song.play(notes, {3 * BAR + 50: "session-16", 3 * BAR + 60: "bach-2"})
    assert song.session.state.preset == "bach-2"
    assert sum(isinstance(action, Swapped) for action in song.did) == 1


def test_loading_is_asked_of_the_engine() -> None:
    song = Song("bach")
    song.tell(Control(0, (("/glissar/preset/load", ("bach-2",)),)))
    assert song.did == [Load("bach-2")]


# --- what is kept ---------------------------------------------------------------------------------


def test_knobs_and_choices_are_kept_as_far_as_they_mean_something() -> None:
    state = State(
        {"density": ("offset", 0.5), "loudness": ("offset", 0.1)},
        choices={"scale": "major", "mine": "on"},
        amounts={"scale": 0.5, "mine": 0.2},
        delay=3,
    )
    kept = fitted(state, manifest("bach-2"), "bach-2")
    assert kept.knobs == {"density": ("offset", 0.5)}
    assert (kept.choices, kept.amounts) == ({"scale": "major"}, {"scale": 0.5})
    assert (kept.delay, kept.preset) == (3, "bach-2")


def test_a_captured_window_loops_to_twice_its_length_and_is_cut_to_half() -> None:
    tied, low, high = Note(-100, 50, 200), Note(0, 60, 900), Note(1920, 64, 2200)
    bar = Taken(Window.of([tied, low, high]), ((960, b"\xe0\x00\x50"),))
    two = fitted(State(last=bar), manifest("bach-2"), "").last
    assert two
    assert two.window == Window.of([tied, low, high, low.moved(BAR), high.moved(BAR)], 2)
    assert two.gestures == ((960, b"\xe0\x00\x50"), (BAR + 960, b"\xe0\x00\x50"))
    one = fitted(State(a=two), manifest("bach"), "").a
    assert one
    assert one == bar


def test_a_frozen_window_goes_on_looping() -> None:
    song, bar = Song("bach", State(mode="freeze")), [Note(0, 60, 900), Note(1920, 64, 900)]
    frozen = State(mode="freeze", last=Taken(Window.of(bar)))
    song.session = Session(manifest("bach"), frozen)
    heard = song.play([], {3 * BAR + 50: "bach-2"}, 8)
    assert heard == [note.moved(n * BAR) for n in range(1, 8) for note in bar]


# --- the models -----------------------------------------------------------------------------------


class Deaf(Model):
    """A model whose graphs fail from the day it plays."""

    def answer(self, work: Work):  # type: ignore[override]
        raise PresetError("it cannot answer")


def test_a_preset_whose_first_answer_fails_makes_room_for_the_one_before(
    tiny_preset: Path,
) -> None:
    answers: list[Answer] = []
    model, deaf = (kind(preset.read(tiny_preset)) for kind in (Model, Model))
    deaf.__class__ = Deaf
    models = Models("good", model, lambda id, *found: answers.append(Answer(0, id, *found)), print)
    rests = Work(tuple([model.preset.encoding.vocabulary.rest] * 24), {})
    models.offer(Loaded("deaf", deaf))
    models.swap()
    models.ask(Request(7, rests))
    models.ask(Request(8, rests))
    while len(answers) < 2:
        time.sleep(0.01)  # until its thread has answered
    assert [answer.decoded for answer in answers] == [None, None]
    back = models.judge(answers[0])
    assert back
    assert (back.name, back.model) == ("good", model)
    assert models.judge(answers[1]) is None
