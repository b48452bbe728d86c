"""Generate: nobody plays, and windows are drawn from the prior."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from presets import preset
from presets.bar import Note
from realtime.events import Control, NoteOff, NoteOn, Rolling, SessionEvent
from realtime.model import Model
from realtime.offline import Stage
from realtime.render import notes_of
from realtime.session import Session
from realtime.state import State

BAR = 3840
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]
GENERATE = State(mode="generate")


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def set_(tick: int, address: str, *args: object) -> Control:
    return Control(tick, ((f"/glissar/{address}", args),))


def windows(
    model: Model,
    script: Sequence[SessionEvent] = (),
    bars: int = 7,
    state: State = GENERATE,
    seed: int = 0,
) -> list[list[Note]]:
    """What sounds in each window, from its start."""
    stage = Stage(Session(model.preset.manifest, state, seed), model.answer)
    found = notes_of(stage.perform([Rolling(0), *script], bars * BAR))
    return [[n.moved(-b * BAR) for n in found if n.onset // BAR == b] for b in range(bars)]


def test_every_window_is_another_and_a_seed_gives_the_same_ones_again(model: Model) -> None:
    found = windows(model)
    assert not found[0]  # nothing is known before the first window closes
    assert all(found[1:])
    assert len({tuple(window) for window in found[1:]}) == 6
    assert found == windows(model)
    assert found != windows(model, seed=1)


def test_a_window_can_be_kept_for_several(model: Model) -> None:
    found = windows(model, bars=9, state=State(mode="generate", every=4))
    assert found[1] == found[2] == found[3]
    assert found[4] == found[5] == found[6] == found[7]
    assert found[3] != found[4] != found[8]


def test_what_is_played_meanwhile_is_not_answered(model: Model) -> None:
    keys: list[SessionEvent] = []
    for note in ARCH:
        keys += [NoteOn(note.onset, note.pitch, note.velocity), NoteOff(note.end, note.pitch)]
    assert windows(model, keys) == windows(model)


def test_a_knob_is_a_place_in_the_style(model: Model) -> None:
    low, high = (windows(model, [set_(0, "knob/density", value)])[1:] for value in (-1.0, 1.0))
    assert max(map(len, low)) < min(map(len, high))
    assert windows(model, [set_(0, "knob/density/target", 1.0)])[1:] == high


def test_a_value_may_be_asked_for(model: Model) -> None:
    found = windows(model, [set_(0, "knob/density/value", 5)])
    assert [len(window) for window in found[1:]] == [5] * 6


def test_a_knob_changes_the_window_that_sounds_from_there_on(model: Model) -> None:
    plain = windows(model)
    found = windows(model, [set_(3 * BAR + 1900, "knob/density", 1.0)])
    assert found[:3] == plain[:3]
    assert [n for n in found[3] if n.onset < 1800] == [n for n in plain[3] if n.onset < 1800]
    assert len(found[4]) > len(plain[4])


def test_the_last_one_can_be_frozen(model: Model) -> None:
    found = windows(model, [set_(3 * BAR + 10, "mode", "freeze")])
    assert found[3] == found[4] == found[5] == found[6]


def test_back_to_following_the_player(model: Model) -> None:
    keys: list[SessionEvent] = [set_(3 * BAR - 500, "mode", "follow")]
    for note in (n.moved(3 * BAR) for n in ARCH):
        keys += [NoteOn(note.onset, note.pitch, note.velocity), NoteOff(note.end, note.pitch)]
    found = windows(model, keys)
    assert found[4] == ARCH
    assert not found[5]
