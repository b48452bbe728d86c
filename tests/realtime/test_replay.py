"""Logs played anew: to the same messages, whenever the plans came, and up to wherever it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from presets import preset
from presets.bar import Meter, Note
from presets.errors import GlissarError
from realtime.events import (
    Action,
    Answer,
    Control,
    Cue,
    Gesture,
    Halt,
    Halted,
    Hello,
    Moment,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    Report,
    Request,
    Roll,
    Rolling,
    SessionEvent,
    SetTempo,
    Trouble,
    Wake,
    Woke,
)
from realtime.ledger import Ledger
from realtime.log import FORMAT, Gap, Header, Log, Logged, Take, read
from realtime.model import Model
from realtime.offline import Stage, Timed
from realtime.output import Output
from realtime.performance import Kept, Performance
from realtime.replay import replay
from realtime.session import Session
from realtime.settings import MidiSettings, Settings
from realtime.state import State
from realtime.worker import answer

BAR = 3840
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 900)]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def header(state: State | None = None, sha256: str = "0" * 64, seed: int = 0) -> Header:
    settings = Settings(seed=seed, midi=MidiSettings(answer_channel=1))
    return Header(FORMAT, "tiny", sha256, settings, state or State())


def heard(takes: Sequence[Take], model: Model) -> tuple[list[Timed], int]:
    again = replay(takes, lambda _: model, to_the_end=True)
    return again.heard, again.otherwise


def keys(notes: Sequence[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


class Noted(Session):
    """A session that logs what it is told, as the engine does."""

    log: Log

    def handle(self, event: SessionEvent) -> Iterator[Action]:
        yield from super().handle(event)
        self.log.note(event)


def perform(model: Model, path: Path, script: Sequence[SessionEvent], seed: int) -> list[Timed]:
    """Play the script, keep its log, and give the messages sent."""
    state = State({"density": ("offset", 0.2)}, variation=0.8 if seed else 0.0)
    session = Noted(model.preset.manifest, state, seed)
    session.log = Log(path, header(state, model.preset.sha256, seed))
    sent = list(Stage(session, model.answer).perform(script, script[-1].tick))
    session.log.close()
    return sent


SONG = [note.moved(bar * BAR + bar * 7) for bar in range(6) for note in ARCH]
SCRIPT: list[SessionEvent] = [
    Rolling(0),
    *keys([*SONG, Note(2 * BAR - 80, 79, 700), Note(3 * BAR + 2900, 48, 930)]),
    Gesture(700, b"\xe0\x00\x50"),
    Control(BAR + 1000, (("/glissar/knob/contour", (0.5,)), ("/glissar/edit", ("full",)))),
    Control(3 * BAR + 2000, (("/glissar/mode", ("freeze",)), ("/glissar/edit", ("residual",)))),
    Control(4 * BAR + 2000, (("/glissar/knob/density/target", (0.9,)),)),
    Control(4 * BAR + 2500, (("/glissar/knob/density/value", (7,)),)),
    Control(5 * BAR - 10, (("/glissar/mode", ("follow",)), ("/glissar/delay", (2,)))),
    Halted(9 * BAR),
]


@pytest.mark.parametrize("seed", [0, 5])
def test_a_replay_is_exactly_the_performance(model: Model, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, SCRIPT, seed)
    assert len(sent) > 60
    assert heard(read(path), model) == (sent, 0)


def test_a_count_in_is_time_too(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, [Rolling(-BAR), *SCRIPT[1:]], 0)
    assert heard(read(path), model) == ([(BAR + tick, data) for tick, data in sent], 0)


@pytest.mark.parametrize("every", [1, 7])
def test_counters_in_a_log_change_nothing(model: Model, tmp_path: Path, every: int) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, SCRIPT, 0)
    (take,) = read(path)
    report = Report({"late": 3.0, "dropped": 0.0}, of="all")
    told = [[report, line] if n % every == 0 else [line] for n, line in enumerate(take.events)]
    counted = Take(take.header, [line for lines in told for line in lines])
    assert len(counted.events) > len(take.events)
    assert heard([counted], model) == (sent, 0)

    def find(_: str) -> Model:
        return model

    assert replay([counted], find).told == replay([take], find).told


def test_a_replay_keeps_decisions_that_the_model_would_not_make_here(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, SCRIPT, 5)
    ((first, events),) = read(path)
    settings = msgspec.structs.replace(first.settings, seed=6)
    from_elsewhere = Take(msgspec.structs.replace(first, settings=settings), events)
    again, other = heard([from_elsewhere], model)
    assert again == sent
    assert other > 0


def test_a_replay_of_a_log_cut_off_is_the_beginning_of_the_performance(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, SCRIPT, 0)
    content = path.read_bytes()
    for cut in range(content.index(b"\n"), len(content), 997):
        path.write_bytes(content[:cut])
        takes = read(path)
        last = takes[0].events[-1].tick if takes[0].events else 0
        again, _ = heard(takes, model)
        assert [s for s in again if s[0] < last] == [s for s in sent if s[0] < last]


def test_what_was_told_out_of_the_order_of_ticks_is_replayed_as_it_was_told(model: Model) -> None:
    """A knob's datagram, stamped before the close, may reach the session after it."""
    told: list[SessionEvent] = [
        Rolling(0),
        *keys(ARCH),
        Woke(BAR - 120),
        Control(BAR - 121, (("/glissar/mode", ("freeze",)),)),
        Woke(2 * BAR - 120),
        Halted(3 * BAR),
    ]
    messages, _ = heard([Take(header(sha256=model.preset.sha256), told)], model)
    struck = [(tick, data[1]) for tick, data in messages if data[0] == 0x90]
    assert struck == [(b * BAR + n.onset, n.pitch) for b in (1, 2) for n in ARCH]


def test_a_song_started_anew_follows_what_was_before(model: Model) -> None:
    once: list[SessionEvent] = [Rolling(0), *keys(ARCH), Woke(BAR - 120), Halted(2 * BAR)]
    messages, _ = heard([Take(header(sha256=model.preset.sha256), [*once, *once])], model)
    struck = [tick for tick, data in messages if data[0] == 0x90]
    assert struck == [b * BAR + n.onset for b in (1, 3) for n in ARCH]


def test_a_replay_with_another_preset_is_refused(model: Model) -> None:
    with pytest.raises(GlissarError, match=r"played with another bach than .*--preset"):
        replay([Take(header(), [Rolling(0)])], lambda _: model)


# --- with the player ------------------------------------------------------------------------------


class House:
    """Player and engine without processes: each hears the other as late as it is told to.

    `pace` is how many of the messages that wait are passed on at every step, either way.
    """

    def __init__(self, model: Model, ledger: str, **more: Any) -> None:
        midi = MidiSettings(answer_channel=2)
        self.settings = Settings(log="yes", seed=3, midi=midi, knobs={"density": 0.3}, **more)
        self.model = model
        self.state = State({"density": ("offset", 0.3)}, variation=0.7)
        self.takes: list[Take] = []
        self.sent: list[bytes] = []
        self.to_engine: deque[Any] = deque()
        self.to_player: deque[Any] = deque()
        self.now = 50.0
        self.ledger = Ledger(ledger)
        self.new_player(None)
        self.new_engine()

    def new_player(self, kept: Kept | None) -> None:
        """As `realtime.player` takes up the song."""
        output = Output(self._send, self.ledger)
        self.player = Performance(self.settings, Meter(), output, self.to_engine.append, self._keep)
        if kept:
            self.player.close(self.now)
            self.player.resume(kept, self.now)

    def new_engine(self) -> None:
        facts, state, settings = self.model.preset, self.state, self.settings
        self.session = Session(facts.manifest, state, settings.seed)
        head = Header(FORMAT, "tiny", facts.sha256, settings, state, cued=True)
        self.takes.append(Take(head, []))
        self.plans = 0
        self.asked: list[Request] = []
        self.to_player.append(Hello())

    def _send(self, data: bytes) -> None:
        if data[0] & 0xEF == 0x81:  # notes of the answers' channel
            self.sent.append(data)

    def _keep(self, kept: Kept) -> None:
        self.kept = kept

    def tell(self, event: SessionEvent) -> None:
        """As the engine does."""
        for action in self.session.handle(event):
            match action:
                case Play():
                    self.plans += 1
                    self.to_player.append(Play(action.plan, self.plans))
                case Request():
                    self.asked.append(action)
                case _ if isinstance(action, Wake | Panic | Roll | Halt | SetTempo):
                    self.to_player.append(action)
                case _:
                    pass
        self.state = self.session.state
        self.takes[-1].events.append(event)

    def engine_hears(self, count: int) -> None:
        for _ in range(min(count, len(self.to_engine))):
            message = self.to_engine.popleft()
            if isinstance(message, Cue | Moment):
                self.takes[-1].events.append(message)
            elif not isinstance(message, Report | Trouble):
                self.tell(message)

    def engine_decides(self) -> None:
        for request in self.asked[:1]:
            self.asked.remove(request)
            decided, sentence, curve = answer(self.model, request)
            self.tell(Answer(self.tick, request.id, decided, sentence, curve))

    def player_hears(self, count: int) -> None:
        for _ in range(min(count, len(self.to_player))):
            self.player.said(self.to_player.popleft(), self.now)
            self.player.act(self.now)

    def run(self, seconds: float) -> None:
        """As the player's loop does: it wakes at every deadline."""
        until = self.now + seconds
        while (deadline := self.player.deadline()) <= until:
            self.now = max(self.now, deadline)
            self.player.act(self.now)
        self.now = until
        self.player.act(self.now)

    def strike(self, data: bytes) -> None:
        self.player.arrive(self.now, data, self.now)
        self.player.act(self.now)

    def settle(self) -> None:
        """All is heard at last."""
        while self.to_engine or self.to_player:
            self.player_hears(99)
            self.engine_hears(99)

    @property
    def tick(self) -> int:
        return round(self.player.map.tick_at(self.now))

    def replayed(self) -> list[bytes]:
        return [
            data
            for _, data in replay(self.takes, lambda _: self.model).heard
            if data[0] & 0xE0 == 0x80
        ]


@pytest.fixture
def ledger() -> Iterator[str]:
    path = Ledger.create()
    yield path
    Path(path).unlink()


STEP = st.one_of(
    st.tuples(st.just("run"), st.sampled_from([0.01, 0.11, 0.4, 0.9, 1.7])),
    st.tuples(st.just("key"), st.integers(55, 75)),
    st.tuples(st.just("engine"), st.integers(1, 12)),
    st.tuples(st.just("player"), st.integers(1, 4)),
    st.tuples(st.just("decide"), st.just(0)),
    st.tuples(st.just("turn"), st.sampled_from([-1.0, -0.3, 0.4, 0.9])),
    st.tuples(st.just("say"), st.sampled_from(["panic", "play 0", "play 1", "tempo 200"])),
)


def do(house: House, step: tuple[str, Any]) -> None:
    match step:
        case "run", seconds:
            house.run(seconds)
        case "key", pitch:
            house.strike(bytes((0x90, pitch, 80)))
            house.run(0.07)
            house.strike(bytes((0x80, pitch, 64)))
        case "engine", count:
            house.engine_hears(count)
        case "player", count:
            house.player_hears(count)
        case "decide", _:
            house.engine_decides()
        case "turn", number:
            house.tell(Control(house.tick, (("/glissar/knob/density", (number,)),)))
        case _, words:
            name, *rest = words.split()
            address = f"/glissar/{name}" if name == "panic" else f"/glissar/transport/{name}"
            house.tell(Control(house.tick, ((address, tuple(map(int, rest))),)))


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, min_size=20, max_size=120))
def test_a_replay_says_what_the_player_said_however_late_the_engine_was(
    model: Model, steps: list[tuple[str, Any]]
) -> None:
    ledger = Ledger.create()
    try:
        house = House(model, ledger)
        house.to_player.append(Roll())
        house.player_hears(2)
        for step in steps:
            do(house, step)
        house.to_player.append(Halt())
        house.settle()
        assert house.replayed() == house.sent
    finally:
        Path(ledger).unlink()


def busy(house: House, bars: int) -> None:
    """Bars of four notes, with an engine that is late by up to two beats."""
    for beat in range(4 * bars):
        house.strike(bytes((0x90, 60 + beat % 5, 80)))
        house.run(0.3)
        house.strike(bytes((0x80, 60 + beat % 5, 64)))
        house.run(0.2)
        if beat % 3 == 0:
            house.engine_hears(99)
            house.engine_decides()
        if beat % 5 == 2:
            house.tell(Control(house.tick, (("/glissar/knob/density", (beat % 7 / 4 - 0.9,)),)))
        house.player_hears(2)


def started(model: Model, ledger: str) -> House:
    house = House(model, ledger)
    house.to_player.append(Roll())
    house.player_hears(2)
    return house


def test_plans_that_came_late_are_heard_as_late_again(model: Model, ledger: str) -> None:
    """And without its cues the log would tell of a player that had them in time."""
    house = started(model, ledger)
    busy(house, 8)
    house.to_player.append(Halt())
    house.settle()
    assert house.replayed() == house.sent
    assert len(house.sent) > 40
    [(head, told)] = house.takes
    plain = [line for line in told if not isinstance(line, Cue)]
    in_time = replay(
        [Take(msgspec.structs.replace(head, cued=False), plain)], lambda _: model
    ).heard
    assert [data for _, data in in_time] != house.sent


def test_a_replay_goes_on_where_an_engine_was_lost(model: Model, ledger: str) -> None:
    """The player goes on with the plans that it has."""
    house = started(model, ledger)
    busy(house, 4)
    house.engine_hears(99)
    house.player_hears(99)
    house.engine_hears(99)
    house.new_engine()
    house.settle()  # it has caught up, but for what it asks the model
    busy(house, 4)
    house.to_player.append(Halt())
    house.settle()
    assert len(house.takes) == 2
    assert house.replayed() == house.sent
    last = replay(house.takes, lambda _: model).heard[-1][0]
    assert 8 * BAR - 100 < last < 8 * BAR + 100  # and time went on


def test_a_replay_closes_what_a_player_that_died_left_sounding(model: Model, ledger: str) -> None:
    house = started(model, ledger)
    busy(house, 4)
    house.player_hears(99)
    house.strike(bytes((0x90, 50, 80)))  # the last that is known of it
    house.new_player(house.kept)
    busy(house, 3)
    house.to_player.append(Halt())
    house.settle()
    assert sorted(house.replayed()) == sorted(house.sent)  # notes are closed in another order


def test_a_log_that_ends_anywhere_is_heard_up_to_there(model: Model, ledger: str) -> None:
    house = started(model, ledger)
    busy(house, 4)
    house.new_engine()
    busy(house, 2)
    house.to_player.append(Halt())
    house.settle()
    whole = replay(house.takes, lambda _: model).heard
    (first, told), (second, more) = house.takes
    ends = [[Take(first, told[:n])] for n in range(len(told) + 1)]
    ends += [[Take(first, told), Take(second, more[:n])] for n in range(len(more) + 1)]
    lengths = [0]
    for takes in ends:
        part = replay(takes, lambda _: model).heard
        assert part == whole[: len(part)]
        lengths.append(len(part))
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(whole)


def test_a_log_cut_off_at_any_byte_is_read_up_to_there(
    model: Model, ledger: str, tmp_path: Path
) -> None:
    """Before the end of its first line there is nothing to replay, which is a sentence."""
    house = started(model, ledger)
    busy(house, 2)
    house.new_engine()
    busy(house, 1)
    house.settle()
    path, written = tmp_path / "take.jsonl", b""
    for head, told in house.takes:
        written += b"".join(msgspec.json.encode(line) + b"\n" for line in (head, *told))
    path.write_bytes(written)
    assert read(path) == house.takes
    lines = [line for head, told in house.takes for line in (head, *told)]
    begun = written.index(b"\n")  # the first line is whole
    for cut in range(begun):
        path.write_bytes(written[:cut])
        with pytest.raises(GlissarError, match="no log of glissar" if cut else "is empty"):
            read(path)
    for cut in range(begun, len(written)):
        path.write_bytes(written[:cut])
        left = [line for head, told in read(path) for line in (head, *told)]
        assert left == lines[: len(left)]
        assert len(left) >= written[:cut].count(b"\n")


def test_what_is_played_and_its_tempos_are_kept(model: Model, ledger: str) -> None:
    house = started(model, ledger)
    busy(house, 2)
    house.to_player.append(SetTempo(200))
    house.player_hears(9)
    house.engine_hears(99)
    again = replay(house.takes, lambda _: model)
    assert again.tempos == [(0, 500_000), (2 * BAR, 300_000)]
    struck = [(tick, data[1]) for tick, data in again.played if data[0] == 0x90]
    assert struck == [(beat * 960, 60 + beat % 5) for beat in range(8)]


def test_lines_that_are_lost_are_counted(model: Model) -> None:
    told: list[Logged] = [Rolling(0), Gap(3), Halted(BAR), Gap(2)]
    assert replay([Take(header(sha256=model.preset.sha256), told)], lambda _: model).lost == 5
