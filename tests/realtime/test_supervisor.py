"""Real processes: a child that dies is started again with what it left; the other goes on.

The stand-in child does what its peer and the test tell it: it answers, dies, hangs or refuses.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from presets.bar import Meter
from realtime.child import MISSED, PULSE, SETTLED
from realtime.events import Panic
from realtime.household import LOST, REFUSED
from realtime.settings import Settings, TransportSettings, WebSettings
from realtime.supervisor import Said, Supervisor
from realtime.wire import encode

CHILD = """
import os, sys, time
from pathlib import Path
import msgspec
from realtime.household import Alive, Begin, Keep, Opened, Ready
from realtime.wire import PEER, SUPERVISOR, Outbox, encode, frames, messages, pipes

name, folder = sys.argv[1], Path(sys.argv[2])
reader, writer = pipes()
(folder / f"{name}.came").open("a").write(f"came {os.getpid()}\\n")
begin = next(messages(reader, Begin), None)
if begin is None:
    os._exit(0)
with (folder / f"{name}.log").open("a", buffering=1) as log:
    log.write(f"begin {os.getpid()} {begin.again} {begin.state.decode()}\\n")
    orders = folder / f"{name}.first"
    if not begin.again and orders.exists():
        sys.stderr.write("glissar: a sentence.\\n")
        os._exit(int(orders.read_text()))
    while (folder / f"{name}.slow").exists():  # it hangs before it is ready
        time.sleep(0.02)
    out = Outbox(writer)
    out.send(Ready() if name == "engine" else Opened("none", "in", "out"), SUPERVISOR)
    out.send(Keep(f"state of {os.getpid()}".encode()), SUPERVISOR)
    for destination, payload in frames(reader):
        heard = msgspec.msgpack.decode(payload)
        if heard["type"] != "Pulse":
            log.write(f"heard {heard}\\n")
        elif not (folder / f"{name}.stuck").exists():  # its reader goes on, its loop does not
            out.send(Alive(), SUPERVISOR)
    log.write("left\\n")
os._exit(0)
"""


class Household:
    """A supervisor in a thread, with stand-ins for both children."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        script = folder / "child.py"
        script.write_text(CHILD)
        self.sentences: list[str] = []
        command = (sys.executable, str(script))
        self.supervisor = Supervisor(
            Settings(**settings),
            Meter(),
            self.sentences.append,
            player=(*command, "player", str(folder)),
            engine=(*command, "engine", str(folder)),
        )
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.code = self.supervisor.run()

    def lines(self, name: str, word: str) -> list[str]:
        log = self.folder / f"{name}.log"
        text = log.read_text() if log.exists() else ""
        return [line for line in text.splitlines() if line.startswith(word)]

    def pid(self, name: str) -> int:
        return int(self.lines(name, "begin")[-1].split()[1])

    def said(self, words: str) -> None:
        patience = time.monotonic() + 10
        while not any(words in sentence for sentence in self.sentences):
            assert time.monotonic() < patience, (words, self.sentences)
            time.sleep(0.02)

    def wait(self, name: str, word: str, count: int) -> list[str]:
        patience = time.monotonic() + 10
        while len(found := self.lines(name, word)) < count:
            assert time.monotonic() < patience, (name, word, self.sentences)
            time.sleep(0.02)
        return found


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Any]:
    made: list[Household] = []

    def start(**settings: Any) -> Household:
        house = Household(tmp_path, **settings)
        made.append(house)
        house.thread.start()
        return house

    yield start
    for house in made:
        house.supervisor.stop()
        house.thread.join(10)
        assert not house.thread.is_alive()


def both_up(house: Household) -> None:
    house.wait("player", "heard", 1)  # the order to roll comes when both are up
    house.wait("engine", "begin", 1)


def test_the_song_starts_when_both_are_up(household: Any):
    house = household()
    assert "Roll" in house.wait("player", "heard", 1)[0]
    assert house.sentences == ["MIDI by none: in in, out out."]


def test_the_song_waits_where_it_is_told_to(household: Any):
    house = household(transport=TransportSettings(start=False))
    house.wait("player", "begin", 1)
    house.wait("engine", "begin", 1)
    time.sleep(0.3)
    assert house.lines("player", "heard") == []


@pytest.mark.parametrize("name", ["player", "engine"])
def test_a_child_that_is_killed_comes_back_with_its_state(household: Any, name: str):
    house = household()
    both_up(house)
    pid = house.pid(name)
    time.sleep(0.2)  # its state has arrived
    os.kill(pid, signal.SIGKILL)
    last = house.wait(name, "begin", 2)[-1]
    assert last.split(maxsplit=2)[2] == f"True state of {pid}"
    assert house.pid(name) != pid
    assert f"The {name} died (SIGKILL); it is started again." in house.sentences
    other = "engine" if name == "player" else "player"
    assert len(house.lines(other, "begin")) == 1
    assert house.lines(other, "left") == []


def test_the_engine_is_told_how_often_who_came_back(household: Any, tmp_path: Path):
    """A player that had lost its ports was not restarted but connected again."""
    house = household()
    both_up(house)
    os.kill(house.pid("player"), signal.SIGKILL)
    (report,) = house.wait("engine", "heard", 1)
    assert "'of': 'household'" in report
    assert "'reconnects': 0, 'player_restarts': 1, 'engine_restarts': 0" in report
    (tmp_path / "child.py").write_text(f"import os; os._exit({LOST})")
    os.kill(house.pid("player"), signal.SIGKILL)
    house.said("ports are gone")
    (tmp_path / "child.py").write_text(CHILD)
    report = house.wait("engine", "heard", 2)[1]
    assert "'reconnects': 1, 'player_restarts': 1, 'engine_restarts': 0" in report
    os.kill(house.pid("engine"), signal.SIGKILL)
    report = house.wait("engine", "heard", 3)[2]  # the new one hears of the player's too
    assert "'reconnects': 1, 'player_restarts': 1, 'engine_restarts': 1" in report


def test_the_engine_is_told_of_frames_that_were_too_many(household: Any):
    house = household()
    both_up(house)
    os.kill(house.pid("engine"), signal.SIGSTOP)
    frame = encode(Panic())
    for _ in range(20_000):  # far more than its pipe and the frames that may wait
        house.supervisor.engine.send(frame)
    os.kill(house.pid("engine"), signal.SIGCONT)
    dropped = house.supervisor.engine.dropped
    assert dropped > 0
    house.supervisor.silence()  # something happens
    house.wait("engine", f"heard {{'type': 'Report', 'counts': {{'dropped': {dropped},", 1)


def test_silence_is_passed_to_the_player(household: Any):
    house = household()
    both_up(house)
    house.supervisor.silence()
    assert "Panic" in house.wait("player", "heard", 2)[1]


def test_a_child_that_dies_again_is_given_longer_pauses(household: Any):
    house = household()
    both_up(house)
    times: list[float] = []
    for count in (2, 3, 4, 5):
        os.kill(house.pid("engine"), signal.SIGKILL)
        began = time.monotonic()
        house.wait("engine", "begin", count)
        times.append(time.monotonic() - began)
        time.sleep(0.2)
    assert times[3] - times[0] > 0.2  # 0, 0.1, 0.2, 0.4 s


def test_a_child_that_refuses_at_first_stops_everything(tmp_path: Path, household: Any):
    (tmp_path / "engine.first").write_text(str(REFUSED))
    house = household()
    house.thread.join(10)
    assert house.code == REFUSED
    assert house.sentences in ([], ["MIDI by none: in in, out out."])
    assert len(house.lines("engine", "begin")) == 1
    for line in house.lines("player", "begin"):  # it may have been too slow to begin at all
        with pytest.raises(ProcessLookupError):
            os.kill(int(line.split()[1]), 0)


def test_a_child_that_never_starts_is_given_up(tmp_path: Path, household: Any):
    (tmp_path / "player.first").write_text("1")
    house = household()
    house.thread.join(10)
    assert house.code == 1
    assert len(house.lines("player", "begin")) == 3
    assert house.sentences[-1] == "The player does not start; its last words are above."


def test_stopping_ends_both_and_leaves_no_ledger(household: Any):
    house = household()
    both_up(house)
    ledger = Path(house.supervisor.ledger)
    assert ledger.stat().st_size == 2048
    pids = [house.pid(name) for name in ("player", "engine")]
    house.supervisor.stop()
    house.thread.join(5)
    assert house.code == 0
    assert not ledger.exists()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_hung_engine_holds_up_nobody(household: Any):
    house = household()
    both_up(house)
    engine = house.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    for _ in range(3000):
        house.supervisor.engine.send(b"\x00" + (1000).to_bytes(4, "big") + b"\xc0" * 1000)
    os.kill(house.pid("player"), signal.SIGKILL)
    house.wait("player", "begin", 2)  # the supervisor still does its work
    house.supervisor.stop()
    house.thread.join(5)
    assert not house.thread.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)


@pytest.mark.parametrize("name", ["player", "engine"])
def test_a_child_that_hangs_is_killed_and_comes_back(household: Any, name: str):
    house = household()
    both_up(house)
    time.sleep(0.2)  # its state has arrived
    pid = house.pid(name)
    os.kill(pid, signal.SIGSTOP)
    last = house.wait(name, "begin", 2)[-1]
    assert last.split(maxsplit=2)[2] == f"True state of {pid}"
    assert f"The {name} died (it hung); it is started again." in house.sentences
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    other = "engine" if name == "player" else "player"
    assert len(house.lines(other, "begin")) == 1


def test_a_reader_that_lives_speaks_for_no_loop_that_hangs(household: Any, tmp_path: Path):
    house = household()
    both_up(house)
    (tmp_path / "engine.stuck").touch()
    house.wait("engine", "begin", 2)
    (tmp_path / "engine.stuck").unlink()
    assert "The engine died (it hung); it is started again." in house.sentences


def test_a_child_that_hangs_before_it_is_ready_is_killed_and_comes_back(
    household: Any, tmp_path: Path
):
    (tmp_path / "engine.slow").touch()
    house = household(ready_within=2)
    first = house.wait("engine", "begin", 1)[0].split()[1]
    house.said("The engine died (it was never ready); it is started again.")
    (tmp_path / "engine.slow").unlink()
    both_up(house)
    assert house.pid("engine") != int(first)
    with pytest.raises(ProcessLookupError):
        os.kill(int(first), 0)


def test_a_child_that_is_never_ready_is_given_up(household: Any, tmp_path: Path):
    (tmp_path / "engine.slow").touch()
    house = household(ready_within=2)
    house.thread.join(20)
    assert house.code == 1
    assert len(house.lines("engine", "begin")) == 3
    assert house.sentences[-1] == "The engine does not start; its last words are above."


def came(house: Household, name: str, count: int) -> list[int]:
    """The processes that were started, one by one: with who is there, spares."""
    path = house.folder / f"{name}.came"
    patience = time.monotonic() + 10
    while not path.exists() or len(pids := path.read_text().splitlines()) < count:
        assert time.monotonic() < patience, (name, house.sentences)
        time.sleep(0.02)
    return [int(line.split()[1]) for line in pids]


@pytest.mark.parametrize("name", ["player", "engine"])
def test_a_spare_takes_over_and_has_another_behind_it(household: Any, name: str):
    house = household()
    both_up(house)
    _, spare = came(house, name, 2)
    os.kill(house.pid(name), signal.SIGKILL)
    house.wait(name, "begin", 2)
    assert house.pid(name) == spare
    *_, other = came(house, name, 3)
    house.supervisor.stop()
    house.thread.join(5)
    for pid in (spare, other):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_spare_that_died_is_replaced_and_missed_by_nobody(household: Any):
    house = household()
    both_up(house)
    _, spare = came(house, "engine", 2)
    os.kill(spare, signal.SIGKILL)
    *_, other = came(house, "engine", 3)
    os.kill(other, signal.SIGKILL)
    os.kill(house.pid("engine"), signal.SIGKILL)
    house.wait("engine", "begin", 2)
    assert house.pid("engine") not in (spare, other)


def test_there_are_no_spares_where_none_are_wanted(household: Any):
    house = household(spares=False)
    both_up(house)
    time.sleep(SETTLED + 3 * PULSE)
    assert len(came(house, "engine", 1)) == len(came(house, "player", 1)) == 1


def test_a_household_that_is_stopped_as_a_whole_goes_on_as_it_was(tmp_path: Path):
    parent, house = household_of_its_own(tmp_path)
    try:
        pids = [house.pid(name) for name in ("player", "engine")]
        for pid in (*pids, parent.pid):
            os.kill(pid, signal.SIGSTOP)
        time.sleep(MISSED * PULSE + 1)
        for pid in (parent.pid, *pids):
            os.kill(pid, signal.SIGCONT)
        time.sleep(MISSED * PULSE + 1)
        assert [house.pid(name) for name in ("player", "engine")] == pids
    finally:
        parent.kill()
        parent.wait()
    house.wait("engine", "left", 1)
    house.wait("player", "left", 1)


def test_children_leave_when_the_supervisor_is_killed(tmp_path: Path):
    parent, house = household_of_its_own(tmp_path)
    parent.kill()
    parent.wait()
    house.wait("player", "left", 1)
    house.wait("engine", "left", 1)


def household_of_its_own(tmp_path: Path) -> tuple[subprocess.Popen[bytes], Household]:
    """A supervisor in a process of its own; what is returned beside it only looks on."""
    house = Household(tmp_path)
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from presets.bar import Meter; from realtime.settings import Settings\n"
            "from realtime.supervisor import Supervisor\n"
            "c = (sys.executable, sys.argv[1] + '/child.py')\n"
            "Supervisor(Settings(), Meter(), lambda s: None, player=(*c, 'player', sys.argv[1]),"
            " engine=(*c, 'engine', sys.argv[1])).run()",
            str(tmp_path),
        ]
    )
    both_up(house)
    return parent, house


def test_a_server_that_others_may_reach_has_a_token():
    reached = Settings(web=WebSettings(host="0.0.0.0"))
    assert Supervisor(reached, Meter(), print).settings.web.token
    assert not Supervisor(Settings(), Meter(), print).settings.web.token


def test_the_supervisor_is_small():
    done = subprocess.run(
        [sys.executable, "-c", "import realtime.supervisor, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "onnxruntime", "rtmidi", "pythonosc", "mido"}


def test_lost_is_said_once(household: Any, tmp_path: Path):
    """A player that waits for its ports to come back is started again quietly."""
    house = household()
    both_up(house)
    child = house.supervisor.player
    assert child.up
    (tmp_path / "child.py").write_text(f"import os; os._exit({LOST})")
    os.kill(house.pid("player"), signal.SIGKILL)
    time.sleep(1.5)
    gone = [s for s in house.sentences if "ports are gone" in s]
    assert len(gone) == 1
    (tmp_path / "child.py").write_text(CHILD)
    house.wait("player", "begin", 2)
    time.sleep(0.2)
    assert house.sentences[-1] == "The player is back."


def test_what_is_said_is_known(household: Any):
    """A frame that no supervisor knows is reported, not obeyed."""
    house = household()
    both_up(house)
    house.supervisor.inbox.put(Said(house.supervisor.engine, msgspec.msgpack.encode({"x": 1})))
    time.sleep(0.2)
    assert house.sentences[-1].startswith("The engine said something")
