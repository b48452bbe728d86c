"""Recordings: the same messages that a log's replay has, in a file that a crash or a full disk do
not take along."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from presets.bar import Meter, Note
from presets.errors import GlissarError
from realtime import midifile, recording, spool
from realtime.events import Cue, Halted, Moment, NoteOff, NoteOn, Plan, Rolling, Trouble, Woke
from realtime.inbox import Inbox
from realtime.midifile import Tune
from realtime.recording import Recorded, Recording
from realtime.spool import Spool
from realtime.tape import Tape, let_go

BAR = 3840
STANDS = Moment(0, 0, 1920, rolling=False)
PATIENCE = 20.0  # s; only a failing test waits so long
KEYS = [(0, b"\x90\x3c\x50"), (900, b"\x80\x3c\x40")]  # middle C, and its end
ANSWER = [(BAR, b"\x91\x40\x50"), (BAR + 900, b"\x81\x40\x40")]


class Desk:
    """What a recording is told of one bar played and one heard, and what it says."""

    def __init__(self, folder: Path, owner: int = 9010) -> None:
        self.said: Inbox[Recorded | Trouble] = Inbox()
        self.recording = Recording(folder, Meter(), 1, owner, self.said.put)

    def play(self) -> None:
        tell = self.recording.hear
        for event in (Rolling(0), NoteOn(0, 60, 80), NoteOff(900, 60), Woke(BAR - 120)):
            tell(event)
        self.recording.plan(1, Plan(BAR, 2 * BAR, BAR, (Note(BAR, 64, 900, 80),)))
        tell(Cue(BAR - 119, 1))
        tell(Woke(2 * BAR - 120))

    def next(self) -> Recorded | Trouble:
        told = self.said.take(until=time.monotonic() + PATIENCE)
        assert told, "it does not come"
        return told

    def file(self) -> Path:
        while not (isinstance(told := self.next(), Recorded) and told.file):
            pass
        return Path(told.file)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(folder: Path = tmp_path / "data", owner: int = 9010) -> Desk:
        made.append(Desk(folder, owner))
        return made[-1]

    yield make
    for desk in made:
        desk.recording.close()


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    return desks()


def messages(content: bytes, tmp_path: Path) -> Tune:
    path = tmp_path / "read.mid"
    path.write_bytes(content)
    return midifile.read(path)


def test_it_has_what_was_played_and_heard(desk: Desk, tmp_path: Path) -> None:
    assert desk.recording.midi() is None
    desk.recording.turn(True, STANDS)
    assert desk.next() == Recorded(True)
    desk.play()
    desk.recording.turn(False, STANDS)
    assert desk.next() == Recorded(False)
    file = desk.file()
    tune = midifile.read(file)
    assert list(tune.messages) == [*KEYS, *ANSWER]
    assert (tune.tempos, tune.meters) == (((0, 500_000),), ((0, Meter()),))
    assert desk.recording.midi() == file.read_bytes()
    assert list(file.parent.iterdir()) == [file]


def test_while_it_is_made_what_sounds_is_closed_in_what_is_given(
    desk: Desk, tmp_path: Path
) -> None:
    desk.recording.turn(True, STANDS)
    desk.recording.hear(Rolling(0))
    desk.recording.hear(NoteOn(0, 60, 80))
    desk.recording.hear(Woke(960))
    content = desk.recording.midi()
    assert content
    assert messages(content, tmp_path).messages[-1] == (960, b"\x80\x3c\x40")
    desk.recording.hear(NoteOff(1900, 60))
    content = desk.recording.midi()
    assert content
    assert messages(content, tmp_path).messages[-1] == (1900, b"\x80\x3c\x40")


def test_begun_in_a_song_it_begins_with_the_bar_and_with_what_is_planned(
    desk: Desk, tmp_path: Path
) -> None:
    """What sounds already is not struck anew; what is still to come is there."""
    notes = Note(BAR, 64, 900, 80), Note(BAR + 1920, 67, 900, 80)
    desk.recording.hear(Rolling(0))
    desk.recording.plan(1, Plan(BAR, 2 * BAR, BAR, notes))
    desk.recording.hear(Cue(BAR - 119, 1))
    desk.recording.turn(True, Moment(BAR + 500.5, 0, 1920, rolling=True))
    desk.recording.hear(NoteOn(BAR + 960, 60, 80))
    desk.recording.hear(NoteOff(BAR + 1000, 60))
    desk.recording.hear(Woke(2 * BAR - 120))
    content = desk.recording.midi()
    assert content
    assert [(tick, data[0], data[1]) for tick, data in messages(content, tmp_path).messages] == [
        (900, 0x81, 64),
        (960, 0x90, 60),
        (1000, 0x80, 60),
        (1920, 0x91, 67),
        (2820, 0x81, 67),
    ]


def test_of_a_song_that_was_left_nothing_is_taken_along(desk: Desk) -> None:
    desk.play()
    desk.recording.hear(Halted(2 * BAR))
    desk.recording.turn(True, STANDS)
    desk.recording.hear(Rolling(0))
    desk.recording.hear(Woke(2 * BAR))
    assert desk.recording.midi() is not None
    desk.recording.turn(False, STANDS)
    with pytest.raises(GlissarError, match="has no notes"):
        midifile.read(desk.file())


def test_two_in_a_second_are_two_files(desk: Desk) -> None:
    files: set[Path] = set()
    for _ in range(2):
        desk.recording.turn(True, STANDS)
        desk.play()
        desk.recording.turn(False, STANDS)
        files.add(desk.file())
    assert len(files) == 2


def test_a_full_recording_ends_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST", 4)
    desk.recording.turn(True, STANDS)
    assert desk.next() == Recorded(True)
    desk.play()
    told = desk.next()
    assert isinstance(told, Trouble)
    assert "full" in told.sentence
    assert desk.next() == Recorded(False)
    assert desk.file().exists()
    assert desk.recording.seconds == 0


def test_a_folder_that_cannot_be_is_a_sentence_and_the_recording_stays(
    desks: Callable[..., Desk], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    desk = desks(tmp_path / "file" / "data")
    desk.recording.turn(True, STANDS)
    desk.play()
    desk.recording.turn(False, STANDS)
    said = [desk.next() for _ in range(4)]
    sentences = [told.sentence for told in said if isinstance(told, Trouble)]
    assert "make room" in sentences[0]
    assert "/panel/session.mid" in sentences[1]
    assert desk.recording.midi()


# --- a crash --------------------------------------------------------------------------------------


def tape() -> Tape:
    tape = Tape(120, 1)
    tape.event(Rolling(0))
    for event in (NoteOn(0, 60, 80), NoteOff(900, 60)):
        tape.event(event)
    return tape


def test_what_an_engine_recorded_that_died_is_a_file_at_the_next_start(
    desks: Callable[..., Desk], tmp_path: Path
) -> None:
    lost = tmp_path / "data" / "glissar-2026-11-22-120000.mid"
    for owner in (9010, 9020):
        left = Spool(spool.of(lost, owner))
        left.append(tape())
        with left.path.open("ab") as file:
            file.write(b'["p",99')  # cut off
    desk = desks()
    assert desk.file() == lost
    assert midifile.read(lost).messages == tuple(KEYS)
    assert [p.name for p in lost.parent.glob(".*")] == [spool.of(lost, 9020).name]


def test_a_spool_has_what_is_new_each_time(tmp_path: Path) -> None:
    kept, taped = Spool(tmp_path / "deep" / "x.part"), tape()
    kept.append(taped)
    taped.event(NoteOn(1000, 62, 80))
    kept.append(taped)
    kept.append(taped)
    assert spool.read(kept.path).played == [*KEYS, (1000, b"\x90\x3e\x50"), (1000, b"\x80\x3e\x40")]


def test_a_spool_that_is_none_is_read_as_far_as_it_makes_sense(tmp_path: Path) -> None:
    path = tmp_path / "x.part"
    path.write_bytes(
        b'["p",1,"////"]\n\xff\n["q",2]\n["p",-5,"kDxQ"]\n["p",7,"kDxQ"]\n["t",0,500000]\n'
    )
    assert spool.read(path) == ([(7, b"\x90\x3c\x50"), (7, b"\x80\x3c\x40")], [], [(0, 500_000)])


def test_what_is_let_go_is_what_is_held() -> None:
    held = [(0, b"\x90\x3c\x50"), (5, b"\x90\x3e\x50"), (9, b"\x80\x3c\x40"), (9, b"\xe0\x00\x40")]
    assert let_go(held, 20) == [(20, b"\x80\x3e\x40")]
