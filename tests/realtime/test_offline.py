"""The stage: a script's wakes and answers come where the session asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from presets import preset
from presets.bar import Note
from presets.manifest import GridFacts
from realtime.events import Action, Answer, Halted, NoteOff, NoteOn, Rolling, SessionEvent, Woke
from realtime.model import Model
from realtime.offline import Stage, Timed
from realtime.render import notes_of
from realtime.session import Session
from realtime.state import State

BAR = 3840
ARCH = [Note(0, 60, 900), Note(960, 64, 900), Note(1920, 67, 900), Note(2880, 60, 900)]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def keys(notes: list[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


def as_bytes(events: list[SessionEvent]) -> Iterator[Timed]:
    for event in events:
        if isinstance(event, NoteOn):
            yield event.tick, bytes((0x90, event.pitch, event.velocity))
        elif isinstance(event, NoteOff):
            yield event.tick, bytes((0x80, event.pitch, 64))


class Watched(Session):
    """A session that keeps what it is told."""

    told: list[SessionEvent]

    def handle(self, event: SessionEvent) -> Iterator[Action]:
        self.told.append(event)
        return super().handle(event)


def watched(model: Model, state: State | None = None) -> Watched:
    session = Watched(model.preset.manifest, state)
    session.told = []
    return session


def test_wakes_come_at_the_ticks_asked_for(model: Model) -> None:
    session = watched(model)
    list(Stage(session, model.answer).perform([Rolling(0)], 3 * BAR))
    assert session.told[1:] == [Woke(BAR - 120), Woke(2 * BAR - 120), Woke(3 * BAR - 120)]


def test_an_answer_comes_at_once_after_what_asked_for_it(model: Model) -> None:
    session = watched(model, State({"contour": ("offset", 0.5)}))
    list(Stage(session, model.answer).perform([Rolling(0), *keys(ARCH)], BAR - 120))
    assert [type(e) for e in session.told[-2:]] == [Woke, Answer]
    assert session.told[-1].tick == BAR - 120


def test_events_of_one_tick_keep_their_order(model: Model) -> None:
    script = [Rolling(0), NoteOn(5, 60, 64), NoteOff(5, 60), NoteOn(5, 60, 65)]
    session = watched(model)
    list(Stage(session, model.answer).perform(script, 10))
    assert session.told == script


def test_what_is_after_the_end_is_not_performed(model: Model) -> None:
    session = watched(model)
    list(Stage(session, model.answer).perform([Rolling(0), NoteOn(99, 60, 64)], 98))
    assert session.told == [Rolling(0)]


@pytest.mark.parametrize("closing", [Halted(BAR + 500), Rolling(BAR + 500)])
def test_a_halt_and_a_new_start_close_what_sounds(model: Model, closing: SessionEvent) -> None:
    script = [Rolling(0), *keys(ARCH), closing]
    sent = list(Stage(Session(model.preset.manifest), model.answer).perform(script, 9 * BAR))
    assert notes_of(sent) == [Note(BAR, 60, 500)]


def test_at_the_end_everything_is_closed(model: Model) -> None:
    sent = list(
        Stage(Session(model.preset.manifest), model.answer).perform(
            [Rolling(0), *keys(ARCH)], BAR + 10
        )
    )
    assert sent == [(BAR, b"\x90\x3c\x40"), (BAR + 10, b"\x80\x3c\x40")]


# --- every grid -----------------------------------------------------------------------------------

GRIDS = {
    "two bars": GridFacts(2, "4/4", ["0", "1/4", "1/3", "1/2", "2/3", "3/4"]),
    "sixteen bars of sixteenths": GridFacts(16, "4/4", ["0", "1/4", "1/2", "3/4"]),
    "a waltz": GridFacts(1, "3/4", ["0", "1/4", "1/3", "1/2", "2/3", "3/4"]),
    "six eighths": GridFacts(1, "6/8", ["0", "1/2"]),
    "one step a beat": GridFacts(1, "2/2", ["0"]),
    "uneven": GridFacts(1, "5/4", ["0", "1/960", "959/960"]),
}
SONG = [Note(i * 817 + i % 7, 50 + i * 5 % 40, 100 + i * 331 % 3000, 1 + i) for i in range(40)]


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
@pytest.mark.parametrize("delay", [1, 2])
def test_neutral_knobs_give_everything_back_on_every_grid(
    model: Model, grid: GridFacts, delay: int
) -> None:
    manifest = replace(model.preset.manifest, grid=grid)
    window = manifest.encoding().grid.length
    stage = Stage(Session(manifest, State(delay=delay)), model.answer)
    end = (40 * 900 // window + 3 + delay) * window
    sent = list(stage.perform([Rolling(0), *keys(SONG)], end))
    heard = [note.moved(-delay * window) for note in notes_of(sent)]
    assert heard == notes_of(as_bytes(keys(SONG)))
