"""Controllers as the engine has them: learnt, kept, forgotten; programs; and whatever comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.cc.controllers import Controllers
from realtime.cc.file import read
from realtime.cc.learner import PATIENCE
from realtime.controls import ROOT, table
from realtime.events import Claim, Feed, Forget, Learn, ToPlayer, Trouble, Turned
from realtime.settings import ControllerSettings

DENSITY = f"{ROOT}/knob/density"
TABLE = table(["density"])


class Rig:
    """Controllers, and what they said, told and set."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.said: list[ToPlayer] = []
        self.told: dict[str, tuple[Any, ...]] = {}
        self.faults: list[Trouble] = []
        self.set: list[tuple[float, tuple[Any, ...]]] = []
        self.now = 0.0
        chosen = ControllerSettings(map=str(path), **settings)
        self.cc = Controllers(chosen, TABLE, self.said.append, self._tell, self.faults.append)
        self.cc.begin()

    def _tell(self, name: str, *args: Any) -> None:
        self.told[name] = args

    def turn(self, text: str) -> None:
        self.now += 1.0
        self.cc.hear(Turned(self.now - 0.25, bytes.fromhex(text)), self.now)
        while (when := self.cc.next) is not None and when <= self.now + 0.1:
            if heard := self.cc.act(max(when, self.now)):
                self.set += [(heard.time, setting) for setting in heard.settings]

    def learn(self, address: str) -> None:
        self.cc.do(Learn(address), self.now)

    @property
    def claim(self) -> Claim:
        return [message for message in self.said if isinstance(message, Claim)][-1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cc.json"


@pytest.fixture
def rig(path: Path) -> Iterator[Rig]:
    rig = Rig(path)
    yield rig
    rig.cc.close()


def test_a_knob_is_learnt_turned_and_there_the_next_day(rig: Rig, path: Path) -> None:
    assert (rig.told["cc/entries"], rig.told["cc/learning"]) == ((), ("",))
    rig.learn(DENSITY)
    assert rig.told["cc/learning"] == (DENSITY,)
    assert rig.claim == Claim((), learning=True)
    rig.turn("b0 4a 10")
    rig.turn("b0 4a 30")
    assert rig.told["cc/learning"] == ("",)
    assert rig.told["cc/entries"] == (f"1:74 {DENSITY}",)
    assert rig.claim == Claim(((0, 74),))
    assert rig.set == []  # while it was learnt
    rig.turn("b0 4a 7f")
    assert rig.set == [(2.75, (DENSITY, (1.0,)))]  # when it was turned
    rig.cc.close()
    tomorrow = Rig(path)
    assert tomorrow.told["cc/entries"] == (f"1:74 {DENSITY}",)
    assert tomorrow.claim == Claim(((0, 74),))


def test_learning_ends_when_somebody_says_so_or_nobody_turns_anything(rig: Rig) -> None:
    rig.learn(DENSITY)
    rig.learn("")
    assert rig.told["cc/learning"] == ("",)
    assert not rig.claim.learning
    rig.learn(DENSITY)
    assert rig.cc.next == PATIENCE
    rig.cc.act(PATIENCE)
    assert rig.told["cc/learning"] == ("",)
    assert rig.cc.next is None


@pytest.mark.parametrize("address", [f"{ROOT}/state/late", f"{ROOT}/preset/load", "/x" * 999])
def test_what_no_knob_can_turn_is_not_learnt(rig: Rig, address: str) -> None:
    rig.learn(address)
    [fault] = rig.faults
    assert fault.sentence.startswith("no controller can turn /")
    assert len(fault.sentence) < 200
    assert rig.told["cc/learning"] == ("",)


def test_what_is_forgotten_turns_nothing(rig: Rig, path: Path) -> None:
    rig.learn(DENSITY)
    rig.turn("b0 4a 00")
    rig.turn("b0 4a 7f")
    rig.cc.do(Forget(DENSITY), rig.now)
    assert rig.told["cc/entries"] == ()
    assert rig.claim == Claim()
    rig.turn("b0 4a 10")
    assert rig.set == []
    rig.cc.do(Forget(DENSITY), rig.now)
    assert rig.faults[-1].sentence == f"no controller turns {DENSITY}."
    rig.cc.close()
    assert read(path).controllers == ()


def test_a_program_change_chooses_a_preset_of_those_that_are_told(rig: Rig) -> None:
    rig.cc.echo(f"{ROOT}/preset/entries", ("bach", "session"))
    rig.turn("c3 01")
    assert rig.set == [(0.75, (f"{ROOT}/preset/load", ("session",)))]
    rig.turn("c3 02")
    assert rig.faults[-1].sentence.startswith("no preset is program 3")
    assert len(rig.set) == 1


def test_values_are_told_where_there_is_somebody_to_tell(path: Path) -> None:
    path.write_text(
        f'{{"controllers": [{{"address": "{DENSITY}", "channel": 2, "controller": 7}}]}}'
    )
    for output, many in (("", 0), ("rings", 1)):
        rig = Rig(path, output=output)
        rig.cc.echo(DENSITY, (-1.0,))
        rig.cc.act(1.0)
        assert [m for m in rig.said if isinstance(m, Feed)] == [Feed((b"\xb1\x07\x00",))] * many


def test_a_file_that_is_no_map_leaves_all_unmapped_and_is_told(path: Path) -> None:
    path.write_text("garbage")
    rig = Rig(path)
    assert rig.claim == Claim()
    [fault] = rig.faults
    assert fault.code == "cc"
    rig.learn(DENSITY)
    rig.turn("b0 4a 00")
    rig.turn("b0 4a 7f")
    rig.turn("b0 4a 20")
    assert len(rig.set) == 1  # for as long as it plays
    rig.cc.close()
    assert path.read_text() == "garbage"


data = st.one_of(
    st.tuples(st.integers(0xB0, 0xBF), st.integers(0, 127), st.integers(0, 127)),
    st.tuples(st.integers(0xC0, 0xCF), st.integers(0, 127)),
).map(bytes)


@given(
    st.lists(
        st.one_of(data, st.sampled_from([Learn(a) for a in TABLE]), st.sampled_from(["", "tell"])),
        max_size=40,
    )
)
def test_whatever_comes_sets_what_the_table_takes(
    tmp_path_factory: pytest.TempPathFactory, steps: list[bytes | Learn | str]
) -> None:
    path = tmp_path_factory.mktemp("map") / "cc.json"
    rig = Rig(path, output="rings")
    for step in steps:
        match step:
            case Learn(address):
                rig.learn(address)
            case bytes():
                rig.turn(step.hex())
            case "tell":
                rig.cc.echo(DENSITY, (0.25,))
            case _:
                rig.learn("")
    for _, (address, args) in rig.set:
        row = TABLE[address]
        assert row.kind == "trigger" or row.read(args) == args[0]
    for feed in rig.said:
        if isinstance(feed, Feed):
            assert all(
                len(m) == 3 and m[0] & 0xF0 == 0xB0 and max(m[1:]) < 128 for m in feed.messages
            )
    rig.cc.close()
