"""On the map: across it nothing is moved at neutral, and everything is moved, kept, undone and
replayed as knobs are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from presets import preset
from presets.bar import Note, Window
from realtime.events import (
    Action,
    Control,
    Echo,
    Halted,
    Look,
    NoteOff,
    NoteOn,
    Play,
    Request,
    Rolling,
    SessionEvent,
    Woke,
    Work,
)
from realtime.glide import blend
from realtime.history import History
from realtime.log import FORMAT, Header, Log, read
from realtime.model import Model
from realtime.offline import Stage
from realtime.render import notes_of
from realtime.replay import replay
from realtime.session import Session
from realtime.settings import Settings
from realtime.slot import Slot
from realtime.state import State, Taken
from realtime.swap import fitted

BAR, LEAD = 3840, 120
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]
FREE = "/glissar/free/density"


@pytest.fixture(scope="module")
def model(mapped_preset: Path) -> Model:
    return Model(preset.read(mapped_preset))


def keys(notes: Sequence[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


def tell(session: Session, *events: SessionEvent) -> list[Action]:
    return [action for event in events for action in session.handle(event)]


def set_(address: str, *args: object, time: float = 0.0) -> Control:
    return Control(0, ((address, args),), time)


def heard(model: Model, state: State) -> list[Note]:
    stage = Stage(Session(model.preset.manifest, state), model.answer)
    return notes_of(stage.perform([Rolling(0), *keys(ARCH)], 3 * BAR))


def test_at_neutral_the_answer_is_what_was_played_event_for_event(model: Model) -> None:
    neutral = State(free={"density": ("offset", 0.0)})
    assert heard(model, neutral) == heard(model, State()) == [n.moved(BAR) for n in ARCH]


def test_across_the_map_the_answer_is_another(model: Model) -> None:
    there = heard(model, State(free={"density": ("target", 1.0)}))
    assert there != heard(model, State())
    assert len(there) == len(ARCH)  # a free dimension of the tiny preset: the key of one step


def test_a_dry_window_is_looked_at_once_its_plan_is_sent(model: Model) -> None:
    session = Session(model.preset.manifest)
    done = tell(session, Rolling(0), *keys(ARCH), Woke(BAR - LEAD))
    (look,) = [action for action in done if isinstance(action, Look)]
    assert model.places(look.tokens).keys() == {"density", "contour"}
    (play,) = [action for action in done if isinstance(action, Play)]
    assert done.index(play) < done.index(look)
    assert not [action for action in done if isinstance(action, Request)]


def test_nobody_looks_for_silence_or_without_a_map(model: Model, tiny_preset: Path) -> None:
    silent = tell(Session(model.preset.manifest), Rolling(0), Woke(BAR - LEAD))
    plain = Session(preset.read(tiny_preset).manifest)
    unmapped = tell(plain, Rolling(0), *keys(ARCH), Woke(BAR - LEAD))
    assert not [action for action in silent + unmapped if isinstance(action, Look)]


def test_a_turn_across_asks_anew(model: Model) -> None:
    session = Session(model.preset.manifest)
    tell(session, Rolling(0), *keys(ARCH), Woke(BAR - LEAD))
    done = tell(session, Control(BAR, ((FREE, (0.5,)),)))
    (request,) = [action for action in done if isinstance(action, Request)]
    assert isinstance(request.work, Work)
    assert request.work.free == {"density": ("offset", 0.5)}
    assert Echo(FREE, (0.5,)) in done


def test_where_nobody_plays_an_offset_is_a_place(model: Model) -> None:
    state = State(mode="generate", free={"density": ("offset", 0.5)})
    slot = Slot.of(model.preset.encoding, 1, Taken(rests(model)), state)
    assert slot.work(state, 0).free == {"density": ("target", 0.75)}


def rests(model: Model) -> Window:
    return model.preset.encoding.window([31, *[30] * 23])


def test_a_drag_over_the_map_is_one_step_of_undo(model: Model) -> None:
    session = Session(model.preset.manifest)
    tell(session, set_("/glissar/mode", "generate", time=1.0))
    for step in range(10):
        x, y = (
            set_("/glissar/knob/density/target", step / 10, time=10 + step / 10),
            set_(f"{FREE}/target", step / 20, time=10.01 + step / 10),
        )
        tell(session, x, y)
    assert session.state.knobs == {"density": ("target", 0.9)}
    assert session.state.free == {"density": ("target", 0.45)}
    told = tell(session, set_("/glissar/undo", time=30.0))
    assert (session.state.knobs, session.state.free, session.state.mode) == ({}, {}, "generate")
    assert Echo(FREE, (0.0,)) in told
    tell(session, set_("/glissar/redo", time=31.0))
    assert session.state.free == {"density": ("target", 0.45)}


def test_every_surface_is_told_of_it(model: Model) -> None:
    session = Session(model.preset.manifest, State(free={"contour": ("target", 0.25)}))
    told = {echo.address: echo.args for echo in session.chosen()}
    assert told["/glissar/free/contour/target"] == (0.25,)
    assert told[FREE] == (0.0,)


def test_a_snapshot_goes_there_evenly() -> None:
    first, last = State(), State(free={"density": ("offset", 0.8)})
    assert blend(first, last, 0.25).free == {"density": ("offset", 0.2)}


def test_another_preset_keeps_it_where_it_has_such_a_map(model: Model, tiny_preset: Path) -> None:
    state = State(free={"density": ("offset", 0.5), "rhythm": ("offset", 0.5)})
    assert fitted(state, model.preset.manifest, "x").free == {"density": ("offset", 0.5)}
    assert fitted(state, preset.read(tiny_preset).manifest, "x").free == {}


def test_history_goes_back_to_it() -> None:
    history = History()
    history.note(State(), State(free={"density": ("offset", 0.5)}), FREE, 0.0)
    assert history.undo(State(free={"density": ("offset", 0.5)})) == State()


class Noted(Session):
    """A session of which a log is kept."""

    log: Log

    def handle(self, event: SessionEvent) -> Iterator[Action]:
        yield from super().handle(event)
        self.log.note(event)


@pytest.mark.parametrize("known_as", ["sha256", "unmapped"])
def test_a_replay_knows_it_and_takes_logs_of_before_there_was_a_map(
    model: Model, tmp_path: Path, known_as: str
) -> None:
    sha256 = getattr(model.preset, known_as)
    script = [Rolling(0), *keys(ARCH), Control(BAR + 500, ((FREE, (1.0,)),)), Halted(3 * BAR)]
    session = Noted(model.preset.manifest)
    header = Header(FORMAT, "tiny", sha256, Settings(preset="tiny"), State())
    session.log = Log(tmp_path / "take.jsonl", header)
    sent = list(Stage(session, model.answer, 1).perform(script, 3 * BAR))
    session.log.close()
    again = replay(list(read(tmp_path / "take.jsonl")), lambda _: model)
    assert [data for _, data in again.heard] == [data for _, data in sent]
    assert again.decisions > 0
    assert again.otherwise == 0


def test_a_state_of_before_there_were_maps_is_read_and_nonsense_is_not() -> None:
    assert msgspec.json.decode(b"{}", type=State) == State()
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"free": {"density": ["value", 7]}}', type=State)
