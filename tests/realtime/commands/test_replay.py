"""`glissar replay LOG` and `glissar log to-midi LOG` as a person meets them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import mido
import msgspec
import pytest
from click.testing import CliRunner, Result

from presets import preset
from presets.bar import Note
from presets.errors import GlissarError
from realtime.__main__ import cli
from realtime.events import Action, Control, Halted, Moment, NoteOff, NoteOn, Rolling, SessionEvent
from realtime.log import FORMAT, Gap, Header, Log
from realtime.midifile import Timed
from realtime.model import Model
from realtime.offline import Stage
from realtime.session import Session
from realtime.settings import Settings
from realtime.state import State


class Noted(Session):
    log: Log

    def handle(self, event: SessionEvent) -> Iterator[Action]:
        yield from super().handle(event)
        self.log.note(event)


@pytest.fixture
def sent(tiny_preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Timed]:
    """`log.jsonl`: three bars with a knob turned in the last; what was sent."""
    monkeypatch.chdir(tmp_path)
    model = Model(preset.read(tiny_preset))
    settings = Settings(preset=str(tiny_preset))
    session = Noted(model.preset.manifest)
    head = Header(FORMAT, "tiny", model.preset.sha256, settings, State())
    session.log = Log(Path("log.jsonl"), head)
    notes = [Note(i * 960, 60 + i, 900) for i in range(12)]
    keys = [(n.onset, NoteOn(n.onset, n.pitch, 80)) for n in notes]
    keys += [(n.end, NoteOff(n.end, n.pitch)) for n in notes]
    turn = Control(9000, (("/glissar/knob/density", (0.5,)),))
    script = [Rolling(0), *(e for _, e in sorted(keys, key=lambda k: k[0])), turn, Halted(15000)]
    stage = Stage(session, model.answer, channel=settings.midi.answer_channel - 1)
    done = list(stage.perform(script, 15000))
    session.log.close()
    assert len(done) > 30
    return done


def glissar(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, args)])


def refusal(*args: str | Path) -> str:
    """The sentence that the command line prints before it exits with 2; nothing is written."""
    before = sorted(Path().iterdir())
    done = glissar(*args)
    assert isinstance(done.exception, GlissarError), done.exception
    assert (done.stdout, sorted(Path().iterdir())) == ("", before)
    return str(done.exception)


def lines(path: str) -> list[Timed]:
    read = [json.loads(line) for line in Path(path).read_text().splitlines()]
    return [(line["tick"], bytes.fromhex(line["message"])) for line in read]


def track(name: str) -> list[Timed]:
    [found] = [t for t in mido.MidiFile("out.mid").tracks if t.name == name]
    tick, timed = 0, list[Timed]()
    for message in found:
        tick += message.time
        if not message.is_meta:
            timed.append((tick, bytes(message.bytes())))
    return timed


def damage(number: int, line: bytes) -> None:
    """Put something in the place of a line, counted from 1."""
    path = Path("log.jsonl")
    whole = path.read_bytes().split(b"\n")
    whole[number - 1] = line
    path.write_bytes(b"\n".join(whole))


# --- replay ---------------------------------------------------------------------------------------


def test_a_replay_gives_the_same_messages(sent: list[Timed]) -> None:
    done = glissar("replay", "log.jsonl", "-o", "out.jsonl")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("log.jsonl: 35 events, 2 decisions, 0 of them made otherwise")
    assert f", {len(sent)} messages on the answers' channel" in done.stdout
    assert lines("out.jsonl") == sent


def test_nothing_is_written_unless_it_is_asked_for(sent: list[Timed]) -> None:
    assert glissar("replay", "log.jsonl").exit_code == 0
    assert [p.name for p in Path().iterdir()] == ["log.jsonl"]


def test_a_log_cut_off_in_mid_line_is_replayed_up_to_there(sent: list[Timed]) -> None:
    whole = Path("log.jsonl").read_bytes()
    Path("log.jsonl").write_bytes(whole[: len(whole) * 3 // 4])
    assert glissar("replay", "log.jsonl", "-o", "out.jsonl").exit_code == 0
    part = lines("out.jsonl")
    assert part == sent[: len(part)]
    assert len(part) > 8


def test_a_damaged_line_is_named_by_its_number(sent: list[Timed]) -> None:
    damage(7, b"\x00\xffgarbage")
    assert refusal("replay", "log.jsonl") == (
        "log.jsonl is damaged at line 7; cut it off there to replay it."
    )


def test_lines_for_which_there_was_no_room_are_told(sent: list[Timed]) -> None:
    damage(7, msgspec.json.encode(Gap(2)))
    done = glissar("replay", "log.jsonl")
    assert done.exit_code == 0
    assert "log.jsonl lacks 2 lines for which there was no room" in done.stderr


@pytest.mark.parametrize("command", [["replay"], ["log", "to-midi"], ["render"]])
def test_a_preset_that_has_changed_is_refused(
    sent: list[Timed], tiny_preset: Path, command: list[str]
) -> None:
    shutil.copytree(tiny_preset, "mine")
    facts = json.loads(Path("mine/preset.json").read_text())
    Path("mine/preset.json").write_text(json.dumps({**facts, "corpus": "another"}))
    said = refusal(*command, "log.jsonl", "-o", "out.mid", "-p", "mine")
    assert said == "this was played with another tiny than mine; give that one with --preset."


@pytest.mark.parametrize("command", [["replay"], ["log", "to-midi"], ["render"]])
def test_what_cannot_be_read_or_written(sent: list[Timed], command: list[str]) -> None:
    Path("folder").mkdir()
    Path("a.jsonl").write_text("{}")
    for source, out, says in (
        ("nothing.jsonl", "out", "the log nothing.jsonl cannot be read"),
        ("a.jsonl", "out", "a.jsonl is no log of glissar"),
        ("log.jsonl", "log.jsonl", "log.jsonl is the file to read; give another name to write."),
        ("log.jsonl", "folder", "folder is a folder; give the name of a file in it."),
        ("log.jsonl", "nowhere/out", "there is no folder nowhere; make it first or give another."),
    ):
        assert refusal(*command, source, "-o", out).startswith(says)


# --- to MIDI --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["log", "to-midi"], ["render"]])
def test_a_log_becomes_midi_as_it_was_played_and_heard(
    sent: list[Timed], command: list[str]
) -> None:
    done = glissar(*command, "log.jsonl", "-o", "out.mid")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "0 decisions made otherwise" in done.stdout
    assert track("heard") == sent
    played = [(tick, data[1]) for tick, data in track("played") if data[0] == 0x90]
    assert played == [(i * 960, 60 + i) for i in range(12)]
    assert mido.MidiFile("out.mid").tracks[0][0].tempo == 500_000


def test_a_log_that_was_cut_off_becomes_midi_without_a_hanging_note(sent: list[Timed]) -> None:
    whole = Path("log.jsonl").read_bytes()
    Path("log.jsonl").write_bytes(whole[: len(whole) * 3 // 4])
    assert glissar("log", "to-midi", "log.jsonl", "-o", "out.mid").exit_code == 0
    for name in ("played", "heard"):
        sounding: set[int] = set()
        for _, data in track(name):
            (sounding.add if data[0] & 0xF0 == 0x90 else sounding.discard)(data[1])
        assert not sounding


def test_the_tempos_of_the_performance_are_written(sent: list[Timed]) -> None:
    damage(7, msgspec.json.encode(Moment(960.0, 5.0, 1600.0, rolling=True)))
    assert glissar("log", "to-midi", "log.jsonl", "-o", "out.mid").exit_code == 0
    song = mido.MidiFile("out.mid").tracks[0]
    tempos = [(m.time, m.tempo) for m in song if m.type == "set_tempo"]
    assert tempos == [(0, 500_000), (960, 600_000)]
