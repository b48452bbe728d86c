"""The player alone, on real ports: what it passes on, follows, plays and closes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import pytest

from presets.bar import Meter, Note
from realtime.events import Hello, Moment, NoteOn, Plan, Play, Roll, Rolling, ToEngine, Trouble
from realtime.household import LOST, REFUSED, Begin, ToSupervisor
from realtime.ledger import Ledger
from realtime.settings import Settings
from realtime.stage import rig
from realtime.stage.peer import Score
from realtime.wire import PEER, encode, frames

pytestmark = pytest.mark.ports

IN, OUT = "glissar-in:in", "glissar-out:out"
PATIENCE = 20  # s


class Child:
    """A player process, as the supervisor sees it."""

    def __init__(self, jack: Any, settings: dict[str, Any] | None = None, again: bool = False):
        self.ledger = Ledger.create()
        self.process = jack.python(
            "-m", "realtime.player", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        chosen = msgspec.convert(settings or {}, Settings)
        self.say(Begin(chosen, Meter(), self.ledger, again, b""))

    def say(self, *messages: msgspec.Struct) -> None:
        for message in messages:
            self.process.stdin.write(encode(message))
        self.process.stdin.flush()

    def leave(self) -> tuple[int, list[Any]]:
        """SIGTERM; the exit code, and all it ever said."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE), self.said()

    def said(self) -> list[Any]:
        kinds = {PEER: ToEngine}
        return [
            msgspec.msgpack.decode(payload, type=kinds.get(destination, ToSupervisor))
            for destination, payload in frames(cast("BinaryIO", self.process.stdout))
        ]


@pytest.fixture
def ledgers():
    """Takes the ledgers' files away after the test."""
    made: list[str] = []
    yield made
    for path in made:
        Path(path).unlink(missing_ok=True)


@pytest.fixture
def player(jack: Any, ledgers: list[str]):
    def start(settings: dict[str, Any] | None = None, **how: Any) -> Child:
        child = Child(jack, settings, **how)
        ledgers.append(child.ledger)
        jack.wait_for(IN, OUT)
        return child

    return start


def test_thru_passes_on_at_once_and_reports(jack: Any, player: Any):
    child, peer = player({"midi": {"thru_channel": 3}}), jack.peer()
    peer.connect(OUT, peer.port)
    peer.connect(peer.keys, peer.port)
    peer.connect(peer.keys, IN)
    peer.strike(12007, (0, 60, 4000), (6000, 64, 4000))
    peer.wait_for_notes(2, 24)  # ons and offs
    code, said = child.leave()
    assert code == 0
    passed = [h for h in peer.notes(2) if h.data[0] == 0x92]
    played = [h.frame for h in peer.notes(0) if h.data[0] == 0x90]
    delays = sorted(h.frame - max(f for f in played if f <= h.frame) for h in passed)
    assert len(delays) > 10
    assert delays[len(delays) // 2] <= 2 * 128  # two periods of the server
    assert sum(isinstance(m, NoteOn) for m in said) == len(passed)


def test_sigterm_closes_what_sounds(jack: Any, player: Any):
    child, peer = player({"transport": {"start": False}}), jack.peer()
    peer.connect(OUT, peer.port)
    child.say(Roll(), Play(Plan(0, 38400, 0, (Note(0, 60, 30000), Note(0, 64, 30000)))))
    peer.wait_for_notes(1, 2)
    assert Ledger(child.ledger).sounding() == [(1, 60), (1, 64)]
    assert child.leave()[0] == 0
    peer.wait_for_notes(1, 4)
    assert [h.data[:2].hex() for h in peer.notes(1)] == ["913c", "9140", "813c", "8140"]
    assert Ledger(child.ledger).sounding() == []


def test_the_end_of_stdin_closes_what_sounds(jack: Any, player: Any):
    child, peer = player(), jack.peer()
    peer.connect(OUT, peer.port)
    child.say(Roll(), Play(Plan(0, 38400, 0, (Note(0, 60, 30000),))))
    peer.wait_for_notes(1, 1)
    child.process.stdin.close()
    assert child.process.wait(PATIENCE) == 0
    peer.wait_for_notes(1, 2)
    assert [h.data[0] for h in peer.notes(1)] == [0x91, 0x81]


def test_it_follows_a_midi_clock_in_phase(jack: Any, player: Any):
    """Notes planned on the beat sound where the clock's own clocks say that the beat is."""
    child, peer = player({"transport": {"source": "clock"}}), jack.peer()
    peer.connect(peer.clock, IN)
    peer.connect(peer.clock, peer.port)
    peer.connect(OUT, peer.port)
    beats = tuple(Note(beat * 960, 60, 480) for beat in range(12))
    child.say(Hello(), Play(Plan(0, 12 * 960, 0, beats)))
    time.sleep(0.3)
    peer.start(128)
    peer.wait_for_notes(1, 18)  # nine beats
    code, said = child.leave()
    assert code == 0
    heard = peer.heard()
    start = next(i for i, h in enumerate(heard) if h.data[0] == 0xFA)
    clocks = [h.frame for h in heard[start:] if h.data[0] == 0xF8]
    struck = [h.frame for h in peer.notes(1) if h.data[0] == 0x91]
    off = sorted([n - c for n, c in zip(struck, clocks[::24], strict=False)][2:])
    assert len(off) >= 5
    # An output goes out in the cycle after it was sent, an input comes at its cycle's start.
    assert -128 <= off[len(off) // 2] <= 3 * 128, off
    assert Rolling(0) in said
    rates = [m.rate for m in said if isinstance(m, Moment) and m.rolling]
    assert rates[-1] == pytest.approx(128 * 16, rel=0.01)


def test_several_inputs_play_as_one(jack: Any, player: Any, clocks: Any):
    """Keys come by the one, the clock by the other, each found by a part of its name."""
    peer = jack.peer()
    inputs = {"input": "keys", "more_inputs": ["peer:clo"]}
    child = player({"midi": inputs, "transport": {"source": "clock"}})
    peer.connect(OUT, peer.port)
    peer.strike(48_000, (0, 60, 4000))
    peer.start(120)
    peer.wait_for_notes(0, 4)
    _, said = child.leave()
    assert Rolling(0) in said
    assert any(isinstance(message, NoteOn) for message in said)


def test_what_was_connected_by_hand_is_connected_again(jack: Any, player: Any):
    """To virtual ports, by whoever: the keyboard goes while a key is held, and comes back."""
    child, peer = player(), jack.peer()
    peer.connect(OUT, peer.port)
    peer.connect(peer.keys, IN)
    peer.strike(9_600_000, (0, 60, 9_000_000))
    peer.wait_for_notes(0, 1)
    time.sleep(0.6)  # the watch has seen the connection by then
    peer.plug("keys", there=False)
    peer.wait_for_silence(0)
    peer.plug("keys", there=True)
    peer.strike(9600, (0, 64, 4800))
    peer.wait_for_notes(0, 6)
    assert child.leave()[0] == 0


def test_one_of_several_inputs_that_goes_silences_no_other(jack: Any, player: Any):
    peer = jack.peer()
    inputs = {"input": "peer:k*", "more_inputs": ["peer:clock"], "output": "peer-ear"}
    child = player({"midi": inputs})
    peer.play(Score("keys", ((0, b"\x90\x3c\x40"),)))
    peer.play(Score("clock", ((0, b"\x90\x40\x40"),)))
    peer.wait_for_notes(0, 2)
    peer.plug("keys", there=False)
    peer.wait(lambda: peer.sounding(0) == {64}, "the lost key sounds on, or the other does not")
    peer.play(Score("clock", ((0, b"\x80\x40\x40"),)))
    peer.wait_for_silence(0)
    code, said = child.leave()
    assert code == 0
    sentences = [m.sentence for m in said if isinstance(m, Trouble)]
    assert sentences == ["The MIDI input peer:keys is gone. It is taken up when it comes back."]


def test_a_player_that_comes_after_one_waits_for_what_is_not_there(jack: Any, ledgers: list[str]):
    """Its keyboard is away; the rest plays, and the keyboard is taken up when it comes."""
    peer = jack.peer()
    peer.plug("keys", there=False)
    child = Child(jack, {"midi": {"input": "peer:keys", "output": "peer-ear"}}, again=True)
    ledgers.append(child.ledger)
    child.say(Roll(), Play(Plan(0, 38400, 0, (Note(0, 60, 30000),))))
    peer.wait_for_notes(1, 1)
    peer.plug("keys", there=True)
    peer.strike(9600, (0, 64, 4800))
    peer.wait_for_notes(0, 6)
    assert child.leave()[0] == 0


def test_a_located_song_goes_on_from_there(jack: Any, player: Any, clocks: Any):
    """As jack_midi_clock does: the song position, clocks, and the continue two seconds later."""
    child, peer = player({"transport": {"source": "clock"}}), jack.peer()
    peer.connect(peer.clock, IN)
    peer.connect(peer.clock, peer.port)
    located = ((0, b"\xf2\x10\x00"), (96_000, b"\xfb"), *clocks(120, 8, first=4))
    peer.play(Score("clock", located))
    peer.wait_for(0xF8, 24 * 8)
    _, said = child.leave()
    assert [m.tick for m in said if isinstance(m, Rolling)] == [16 * 240]


def test_its_clock_goes_out_and_stops_at_the_end(jack: Any, player: Any):
    child, peer = player({"midi": {"clock_out": True}}), jack.peer()
    peer.connect(OUT, peer.port)
    child.say(Roll())
    peer.wait_for(0xF8, 4 * 24)
    assert child.leave()[0] == 0
    peer.wait_for(0xFC)
    system = [h for h in peer.heard() if h.data[0] >= 0xF0]
    clocks = [h.frame for h in system if h.data == b"\xf8"]
    said = [h.data for h in system]
    assert said == [b"\xfa", *[b"\xf8"] * len(clocks), b"\xfc"]
    gaps = sorted(after - before for before, after in pairwise(clocks))
    assert abs(gaps[len(gaps) // 2] - 1000) <= 128, gaps  # 1/48 s, a period of the server


def test_without_a_midi_system_it_says_so_and_leaves(ledgers: list[str]):
    settings = msgspec.convert({"midi": {"api": "jack"}}, Settings)
    begin = Begin(settings, Meter(), Ledger.create(), False, b"")
    ledgers.append(begin.ledger)
    done = subprocess.run(
        [sys.executable, "-m", "realtime.player"],
        input=encode(begin),
        env={**rig.environment(), "JACK_DEFAULT_SERVER": "glissar_nowhere"},
        capture_output=True,
    )
    assert done.returncode == REFUSED
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert "JACK does not answer: start a JACK server" in lines[0]


def test_one_that_has_been_up_waits_for_a_midi_system_and_leaves_when_told_to(ledgers: list[str]):
    settings = msgspec.convert({"midi": {"api": "jack"}}, Settings)
    begin = Begin(settings, Meter(), Ledger.create(), True, b"")
    ledgers.append(begin.ledger)
    with subprocess.Popen(
        [sys.executable, "-m", "realtime.player"],
        env={**rig.environment(), "JACK_DEFAULT_SERVER": "glissar_nowhere"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        process.stdin.write(encode(begin))
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_a_killed_players_notes_are_closed_by_the_next(jack: Any, player: Any):
    child, peer = player(), jack.peer()
    peer.connect(OUT, peer.port)
    child.say(Roll(), Play(Plan(0, 38400, 0, (Note(0, 60, 30000),))))
    peer.wait_for_notes(1, 1)
    time.sleep(1.5)  # the watch has seen the connection by then
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    state = next(m.state for m in reversed(child.said()) if hasattr(m, "state"))
    assert Ledger(child.ledger).sounding() == [(1, 60)]
    heir = jack.python("-m", "realtime.player", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    heir.stdin.write(encode(Begin(Settings(), Meter(), child.ledger, True, state)))
    heir.stdin.flush()
    peer.wait_for_notes(1, 2)
    assert [h.data[0] for h in peer.notes(1)] == [0x91, 0x81]
    heir.stdin.close()
    said = [msgspec.msgpack.decode(p) for d, p in frames(heir.stdout) if d == PEER]
    rolling = next(m for m in said if m["type"] == "Rolling")
    assert rolling["tick"] > 1.5 * 1920 - 200  # the song went on while nobody played it


def test_a_server_that_dies_is_noticed(ledgers: list[str]):
    env = {**rig.environment(), "JACK_DEFAULT_SERVER": "glissar_lost"}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = ["jackd", "-r", "-S", "-n", "glissar_lost", "-d", "dummy", "-p", "256"]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(subprocess.Popen(command, env=env, **quiet))
        stack.callback(server.kill)
        subprocess.run(["jack_wait", "-w", "-t", "8"], env=env, **quiet)
        begin = Begin(Settings(), Meter(), Ledger.create(), False, b"")
        ledgers.append(begin.ledger)
        child = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "realtime.player"],
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        )
        stack.callback(child.kill)
        assert child.stdin
        child.stdin.write(encode(begin))
        child.stdin.flush()
        next(frames(cast("BinaryIO", child.stdout)))
        server.kill()
        assert child.wait(PATIENCE) == LOST
        said = [p for d, p in frames(cast("BinaryIO", child.stdout)) if d == PEER]
        assert isinstance(msgspec.msgpack.decode(said[-1], type=ToEngine), Trouble)
