"""A MIDI file through the tiny preset: every window answered in its own place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from presets import preset
from presets.bar import Note
from realtime import midifile
from realtime.automation import parse
from realtime.midifile import Timed, Tune
from realtime.model import Model
from realtime.render import Rendered, notes_of, render

BAR = 3840
ODE = Path(__file__).parents[1] / "tunes" / "ode-to-joy.mid"
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def messages(notes: Iterable[Note], channel: int = 0) -> list[Timed]:
    ons = [(n.onset, 1, bytes((0x90 | channel, n.pitch, n.velocity))) for n in notes]
    offs = [(n.end, 0, bytes((0x80 | channel, n.pitch, 64))) for n in notes]
    return [(tick, data) for tick, _, data in sorted([*ons, *offs])]


def tune(*timed: Timed) -> Tune:
    return Tune(tuple(sorted(timed, key=lambda t: t[0])), (), ())


def bars(count: int) -> list[Note]:
    return [note.moved(bar * BAR) for bar in range(count) for note in ARCH]


def rendered(model: Model, notes: Iterable[Note], *knobs: str, edit: str = "residual") -> Rendered:
    turned = [parse(knob, ["density", "contour"]) for knob in knobs]
    return render(tune(*messages(notes)), model, turned, edit)


def in_bar(number: int, notes: Iterable[Note]) -> list[int]:
    return [n.pitch for n in notes if n.onset // BAR == number]


def test_with_no_knob_the_file_comes_back(model: Model) -> None:
    ode = midifile.read(ODE)
    assert notes_of(render(ode, model, []).messages) == notes_of(ode.messages)


def test_a_knob_at_zero_is_no_knob(model: Model) -> None:
    ode = midifile.read(ODE)
    zero = [parse("density=0", ["density"]), parse("contour=-0.0", ["contour"])]
    assert render(ode, model, zero) == render(ode, model, [])


def test_every_bar_is_changed_in_its_own_place(model: Model) -> None:
    heard = rendered(model, bars(3), "contour=0.5").heard
    assert [in_bar(bar, heard) for bar in range(4)] == [[60, 68, 75, 72]] * 3 + [[]]


def test_the_last_bar_is_answered_though_the_file_ends_within_it(model: Model) -> None:
    heard = rendered(model, bars(2)[:-1], "contour=-0.1").heard
    assert len(in_bar(1, heard)) == 3


def test_a_note_early_for_a_bar_that_never_comes_is_still_heard(model: Model) -> None:
    notes = [*ARCH[:3], Note(BAR - 50, 72, 50)]
    assert rendered(model, notes).heard == notes


def test_a_note_never_let_go_ends_with_the_last_bar(model: Model) -> None:
    open_end = tune((0, b"\x90\x3c\x40"), (2000, b"\x90\x40\x40"), (2900, b"\x80\x40\x40"))
    assert render(open_end, model, []).heard == [Note(0, 60, BAR), Note(2000, 64, 900)]


def test_a_knob_that_moves_changes_bar_after_bar(model: Model) -> None:
    heard = rendered(model, bars(6), "contour=0@2,0.5@4").heard
    assert in_bar(0, heard) == [60, 64, 67, 60]
    assert in_bar(5, heard) == [60, 68, 75, 72]
    ends = [in_bar(bar, heard)[-1] for bar in range(6)]
    assert ends == sorted(ends)
    assert len(set(ends)) > 3


def test_a_knob_that_starts_to_move_in_a_bar_leaves_what_was_before(model: Model) -> None:
    heard = rendered(model, bars(3), "contour=0@2,0.5@3").heard
    assert in_bar(0, heard) == [60, 64, 67, 60]
    assert in_bar(1, heard)[0] == 60


def test_full_plays_the_model_on_its_grid(model: Model) -> None:
    loose = [note.moved(31) for note in ARCH]
    assert [n.onset for n in rendered(model, loose, edit="full").heard] == [0, 960, 1920, 2880]


def test_seeds_are_variations_that_can_be_had_again(model: Model) -> None:
    knob = [parse("density=0.5", ["density"])]
    song = tune(*messages(bars(4)))
    assert render(song, model, knob, variation=1, seed=3) == render(
        song, model, knob, variation=1, seed=3
    )
    assert render(song, model, knob, variation=1, seed=3) != render(
        song, model, knob, variation=1, seed=4
    )


def test_the_answer_goes_to_the_melodys_channel(model: Model) -> None:
    song = tune(*messages(ARCH, channel=4))
    assert {data[0] & 0x0F for _, data in render(song, model, []).messages} == {4}


def test_gestures_of_the_melody_come_along_at_their_ticks(model: Model) -> None:
    bend, sound = (1000, b"\xe0\x00\x50"), (0, b"\xc0\x05")
    out = render(tune(sound, bend, *messages(ARCH)), model, []).messages
    centred = out[-1]
    assert centred[1] == b"\xe0\x00\x40"
    assert [m for m in out if m[1][0] & 0xF0 not in (0x80, 0x90)] == [sound, bend, centred]
    assert out.index(sound) < out.index((0, b"\x90\x3c\x5a"))


def test_gestures_of_other_channels_do_not_change_the_melodys_sound(model: Model) -> None:
    bass = [Note(0, 43, 1800)]
    song = tune(*messages(ARCH), *messages(bass, 1), (0, b"\xc1\x20"), (0, b"\xc0\x05"))
    out = render(song, model, []).messages
    assert [m for m in out if m[1][0] & 0xF0 == 0xC0] == [(0, b"\xc0\x05")]
    assert set(bass) <= set(notes_of(out))


def test_lower_voices_of_another_track_travel_along(model: Model) -> None:
    bass = [Note(0, 43, 1800, 33), Note(1920, 48, 1800, 34)]
    knob = [parse("contour=0.5", ["contour"])]
    heard = render(tune(*messages(ARCH), *messages(bass, 1)), model, knob).heard
    assert set(bass) <= set(heard)
    assert [n.pitch for n in heard if n not in bass] == [60, 68, 75, 72]


def test_what_sounds_at_the_same_time_as_messages_is_read_as_notes() -> None:
    timed = [
        *messages([Note(0, 60, 10), Note(10, 60, 10)]),
        (50, b"\x90\x40\x40"),
        (60, b"\xe0\0\0"),
    ]
    assert notes_of(timed) == [Note(0, 60, 10), Note(10, 60, 10), Note(50, 64, 10)]
