"""Real sessions of Ableton Link, between processes in a network of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from realtime.linked import Beat

PEER = Path(__file__).with_name("link_peer.py")
PATIENCE = 60  # s
TRIALS = 5  # of a joining, in which nothing may happen to the others' tempo
NEAR = 0.05  # beats that two of a session may be apart here; how exact it is, a report tells
IN, OUT = "glissar-in:in", "glissar-out:out"
RATE, PERIOD = 48_000, 128


@dataclass
class Member:
    """A process in the session, and where it has said that the session is."""

    process: subprocess.Popen[bytes]
    path: Path

    def beats(self) -> list[Beat]:
        lines = [json.loads(x) for x in self.path.read_text().splitlines(True) if x[-1] == "\n"]
        return [Beat(when, beat, bpm, bool(on), peers) for when, beat, bpm, on, peers in lines]

    def say(self, order: str) -> None:
        self.process.stdin.write(f"{order}\n".encode())
        self.process.stdin.flush()

    def wait(self, happened: Callable[[Beat], object], looks: int = 1) -> None:
        """Until it is so for so many looks in a row."""
        patience = time.monotonic() + PATIENCE
        while not ((last := self.beats()[-looks:])[looks - 1 :] and all(map(happened, last))):
            assert self.process.poll() is None
            assert time.monotonic() < patience, last
            time.sleep(0.05)

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(PATIENCE)

    def tempi(self) -> set[int]:
        return {round(beat.bpm) for beat in self.beats()}

    def beat_at(self, when: float) -> float:
        near = min(self.beats(), key=lambda beat: abs(beat.time - when))
        return near.beat + (when - near.time) * near.bpm / 60


@pytest.fixture
def member(net: list[str], tmp_path: Path) -> Iterator[Callable[..., Member]]:
    """Start a process that is in the session, or looks for one."""
    members: list[Member] = []

    def start(kind: str, bpm: float) -> Member:
        path = tmp_path / f"{kind}-{len(members)}.txt"
        command = [*net, sys.executable, PEER, kind, str(bpm)]
        with path.open("wb") as out:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out)
        members.append(Member(process, path))
        members[-1].wait(lambda _: True)
        return members[-1]

    yield start
    for each in members:
        each.end()


def apart(one: Beat, other: Beat) -> float:
    """Beats of the bar between what two say, at one time."""
    beat = other.beat + (one.time - other.time) * one.bpm / 60
    return (one.beat - beat + 2) % 4 - 2


def test_joining_changes_nobodys_tempo(member: Callable[..., Member]):
    peer = member("peer", 97)
    for _ in range(TRIALS):
        ear = member("glissar", 120)
        ear.wait(lambda beat: beat.peers == 1, looks=25)
        peer.wait(lambda beat: beat.peers == 1)
        assert ear.tempi() == {97}
        ear.say("leave")
        peer.wait(lambda beat: beat.peers == 0, looks=10)
        ear.end()
    assert peer.tempi() == {97}


def test_all_are_at_the_same_place_of_the_bar(member: Callable[..., Member]):
    peer, ear = member("peer", 97), member("glissar", 120)
    ear.wait(lambda beat: beat.peers == 1, looks=50)
    beats = peer.beats()
    off = [
        apart(each, min(beats, key=lambda beat: abs(beat.time - each.time)))
        for each in ear.beats()[-50:]
    ]
    assert abs(median(off)) < NEAR, off


def test_tempo_start_and_stop_go_both_ways(member: Callable[..., Member]):
    peer, ear = member("peer", 97), member("glissar", 120)
    ear.wait(lambda beat: beat.peers == 1)
    for one, other, bpm in ((peer, ear, 133), (ear, peer, 71.5)):
        one.say(f"tempo {bpm}")
        other.wait(lambda beat, bpm=bpm: abs(beat.bpm - bpm) < 0.01)
        one.say("playing 1")
        other.wait(lambda beat: beat.playing)
        other.say("playing 0")
        one.wait(lambda beat: not beat.playing)


def test_who_is_alone_keeps_its_tempo_and_who_leaves_is_gone(member: Callable[..., Member]):
    ear = member("glissar", 111)
    ear.wait(lambda beat: beat.peers == 0, looks=10)
    peer = member("peer", 97)
    peer.wait(lambda beat: beat.peers == 1 and round(beat.bpm) == 111)
    ear.say("leave")
    peer.wait(lambda beat: beat.peers == 0)
    assert ear.tempi() == {111}


@pytest.mark.ports
def test_answers_sound_a_bar_later_in_a_session(
    jack: Any, net: list[str], member: Callable[..., Member], tiny_preset: Path, tmp_path: Path
):
    """glissar, set to 120, joins somebody at 97: the log tells where its bars were."""
    session, log = member("peer", 97), tmp_path / "take.jsonl"
    command = ["play", "--preset", str(tiny_preset), "--link", "--no-thru", "--log", str(log)]
    live = jack.spawn(*net, sys.executable, "-m", "realtime", *command)
    jack.wait_for(IN, OUT)
    peer = jack.peer()
    for source, sink in ((peer.keys, IN), (peer.keys, peer.port), (OUT, peer.port)):
        peer.connect(source, sink)
    peer.strike(70_001, (0, 60, 9000), (12_345, 64, 9000), (23_456, 67, 9000), (50_000, 72, 9000))
    peer.wait_for_notes(1, 40)
    live.terminate()
    assert live.wait(PATIENCE) == 0
    session.wait(lambda beat: beat.peers == 0)
    assert session.tempi() == {97}

    bar = RATE * 4 * 60 / 97
    played = [h for h in peer.notes(0) if h.data[0] == 0x90]
    late = [
        min((answer.frame - h.frame - bar for h in played if h.data[1] == answer.data[1]), key=abs)
        for answer in peer.notes(1)
        if answer.data[0] == 0x91
    ]
    assert len(late) >= 20
    assert abs(median(late)) <= 4 * PERIOD

    told = [json.loads(line) for line in log.read_text().splitlines()]
    moments = [m for m in told if m.get("type") == "Moment" and m["rolling"] and m["tick"] > 0]
    off = [(m["tick"] / 960 - session.beat_at(m["time"]) + 2) % 4 - 2 for m in moments]
    assert len(off) >= 10
    assert abs(median(off)) < NEAR, off


def without_aalink(*args: str) -> subprocess.CompletedProcess[str]:
    """`glissar …` where the extra is not installed."""
    program = (
        f"import sys; sys.modules['aalink'] = None; sys.argv = {['glissar', *args]}\n"
        "from realtime.__main__ import main; main()"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def test_without_the_library_a_session_is_refused_in_a_sentence(tiny_preset: Path):
    done = without_aalink("play", "--link", "--preset", str(tiny_preset))
    remedy = "Ableton Link needs aalink: pip install '.[link]'."
    assert (done.returncode, done.stderr) == (2, f"glissar: {remedy}\n")


def test_there_is_one_who_keeps_time(tiny_preset: Path):
    done = without_aalink("play", "--link", "--clock", "--preset", str(tiny_preset))
    assert done.returncode == 2
    assert "give --clock or --link" in done.stderr
