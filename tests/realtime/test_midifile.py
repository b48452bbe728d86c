"""MIDI files in and out: real files, odd files, and files that are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presets.bar import Meter, Note
from presets.errors import GlissarError
from realtime import midifile
from realtime.midifile import LONGEST, Tune
from realtime.render import notes_of

ODE = Path(__file__).parents[1] / "tunes" / "ode-to-joy.mid"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tune.mid"


def on(pitch: int, time: int = 0, **more: int) -> mido.Message:
    return mido.Message("note_on", note=pitch, time=time, **more)


def off(pitch: int, time: int = 0, **more: int) -> mido.Message:
    return mido.Message("note_off", note=pitch, time=time, **more)


def meta(kind: str, time: int = 0, **values: Any) -> mido.MetaMessage:
    return mido.MetaMessage(kind, time=time, **values)


def save(path: Path, *tracks: Sequence[Any], ppq: int = 480, kind: int = 1) -> Path:
    mido.MidiFile(type=kind, ticks_per_beat=ppq, tracks=[mido.MidiTrack(t) for t in tracks]).save(
        path
    )
    return path


def notes(path: Path) -> list[Note]:
    return notes_of(midifile.read(path).messages)


# --- reading --------------------------------------------------------------------------------------


def test_the_tune_of_the_tests_is_read() -> None:
    tune = midifile.read(ODE)
    assert notes_of(tune.messages)[0].onset == 0
    assert tune.meters == ((0, Meter(4, 4)),)
    assert tune.tempos[0][0] == 0


@pytest.mark.parametrize("ppq", [24, 96, 480, 960, 1920])
def test_any_resolution_becomes_ticks(path: Path, ppq: int) -> None:
    save(path, [on(60, ppq, velocity=77), off(60, ppq // 2)], ppq=ppq)
    assert notes(path) == [Note(960, 60, 480, 77)]


def test_tracks_are_heard_together(path: Path) -> None:
    save(path, [on(60), off(60, 480)], [on(64, 240, channel=1), off(64, 480, channel=1)])
    assert [(n.onset, n.pitch) for n in notes(path)] == [(0, 60), (480, 64)]


def test_a_note_on_of_no_velocity_ends_the_note(path: Path) -> None:
    save(path, [on(60), on(60, 480, velocity=0)])
    assert notes(path) == [Note(0, 60, 960, 64)]


def test_a_key_struck_again_at_once_is_let_go_first_whatever_the_tracks_order(path: Path) -> None:
    save(path, [on(60, 480), off(60, 480)], [on(60), off(60, 480)])
    assert notes(path) == [Note(0, 60, 960), Note(960, 60, 960)]


def test_a_note_of_no_length_is_the_shortest_note_and_not_an_endless_one(path: Path) -> None:
    save(path, [on(60), off(60), on(64, 480), off(64, 480)])
    assert notes(path) == [Note(0, 60, 1), Note(960, 64, 960)]


def test_drums_are_left_out(path: Path) -> None:
    save(path, [on(36, channel=9), off(36, 240, channel=9)], [on(60), off(60, 480)])
    assert notes(path) == [Note(0, 60, 960)]


def test_gestures_are_kept_and_messages_about_the_file_are_not(path: Path) -> None:
    bend = mido.Message("pitchwheel", pitch=100)
    about = [meta("channel_prefix", channel=0), meta("track_name", name="x"), meta("lyrics")]
    save(path, [*about, mido.Message("sysex", data=[1, 2]), bend, on(60), off(60, 480)])
    kinds = [data[0] & 0xF0 for _, data in midifile.read(path).messages]
    assert kinds == [0xE0, 0x90, 0x80]


def test_tempos_and_meters_come_with_their_ticks(path: Path) -> None:
    song = [meta("set_tempo", tempo=400_000), meta("time_signature", 480, numerator=3)]
    save(path, [*song, meta("set_tempo", 480, tempo=600_000)], [on(60), off(60, 480)])
    tune = midifile.read(path)
    assert tune.tempos == ((0, 400_000), (1920, 600_000))
    assert tune.meters == ((960, Meter(3, 4)),)


NO_TUNES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "a text": lambda path: path.write_text("do re mi"),
    "cut in its header": lambda path: path.write_bytes(ODE.read_bytes()[:9]),
    "cut in a note": lambda path: path.write_bytes(ODE.read_bytes()[:-30]),
    "no notes": lambda path: save(path, [meta("track_name", name="x")]),
    "drums only": lambda path: save(path, [on(36, channel=9), off(36, 240, channel=9)]),
    "only offs": lambda path: save(path, [off(60), on(60, velocity=0)]),
    "no beats": lambda path: save(path, [on(60), off(60, 9)], ppq=-6360),
    "no resolution": lambda path: save(path, [on(60), off(60, 9)], ppq=0),
    "type 2": lambda path: save(path, [on(60), off(60, 480)], kind=2),
    "no such key": lambda path: path.write_bytes(
        ODE.read_bytes().replace(bytes.fromhex("ff580404021808"), bytes.fromhex("ff59024f640000"))
    ),
    "days": lambda path: save(path, [on(60), off(60, 2**28 - 1)], ppq=1),
}


@pytest.mark.parametrize("make", NO_TUNES.values(), ids=NO_TUNES.keys())
def test_what_is_no_tune_is_refused_in_a_sentence_that_names_it(
    path: Path, make: Callable[[Path], object]
) -> None:
    make(path)
    with pytest.raises(GlissarError, match=r"tune\.mid") as refused:
        midifile.read(path)
    assert str(refused.value).endswith(".")
    assert "()" not in str(refused.value)


def test_the_longest_tune_is_read(path: Path) -> None:
    save(path, [on(60), off(60, LONGEST // 960)], ppq=1)
    assert midifile.read(path).end == LONGEST


swaps = st.tuples(st.integers(0, 630), st.binary(max_size=3), st.integers(0, 3))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(swaps, min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused(
    path: Path, damage: list[tuple[int, bytes, int]]
) -> None:
    data = bytearray(ODE.read_bytes())
    for place, new, width in damage:
        data[place : place + width] = new
    path.write_bytes(data)
    try:
        tune = midifile.read(path)
    except GlissarError:
        return
    midifile.write(path, tune.messages, tune)
    assert midifile.read(path) == tune


# --- writing --------------------------------------------------------------------------------------


def test_what_is_written_is_read_back(path: Path) -> None:
    tune = midifile.read(ODE)
    midifile.write(path, tune.messages, tune)
    assert midifile.read(path) == tune


def test_writing_replaces_the_file_that_was_there(path: Path) -> None:
    path.write_text("old")
    tune = midifile.read(ODE)
    midifile.write(path, tune.messages, tune)
    assert midifile.read(path) == tune
    assert [p.name for p in path.parent.iterdir()] == ["tune.mid"]


@pytest.mark.parametrize("place", ["nowhere/out.mid", ".", "../../../proc/out.mid"])
def test_what_cannot_be_written_is_refused_and_nothing_left(tmp_path: Path, place: str) -> None:
    out = Path("/proc/out.mid") if "proc" in place else tmp_path / place
    if not out.parent.exists() and "proc" in place:
        pytest.skip("no /proc here")
    with pytest.raises(GlissarError, match=r"(make it first|give another)"):
        midifile.write(out, [(0, b"\x90\x3c\x40")], Tune((), (), ()))
    assert list(tmp_path.iterdir()) == []


# --- meters ---------------------------------------------------------------------------------------


def in_meters(*meters: tuple[int, Meter]) -> Tune:
    return Tune(((0, b"\x90\x3c\x40"),), (), meters)


def test_the_presets_meter_passes_and_so_does_a_file_that_names_none() -> None:
    midifile.check_meter(in_meters((0, Meter(4, 4)), (3840, Meter(4, 4))), Meter(4, 4), ODE)
    midifile.check_meter(in_meters(), Meter(4, 4), ODE)


@pytest.mark.parametrize(
    ("meters", "says"),
    [
        (((0, Meter(3, 4)),), r"in 3/4 at bar 1 "),
        (((0, Meter(4, 4)), (3840 * 6, Meter(2, 2))), r"in 2/2 at bar 7 "),
        (((0, Meter(0, 4)),), r"in 0/4 "),
        (((0, Meter(4, 2**99)),), r"in 4/"),
    ],
)
def test_another_meter_is_refused_with_both_remedies(
    meters: tuple[tuple[int, Meter], ...], says: str
) -> None:
    with pytest.raises(GlissarError, match=says + r".*--preset that fits.*--as 4/4"):
        midifile.check_meter(in_meters(*meters), Meter(4, 4), ODE)
