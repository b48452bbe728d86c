"""The way between two files through the tiny preset: both ends exact, windows in order between."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from presets import edit, preset
from presets.bar import Meter, Note
from presets.errors import GlissarError
from realtime.events import Between, Join, Work
from realtime.midifile import Timed, Tune
from realtime.model import Model
from realtime.render_morph import Way, first_window, places, render, song_of

BAR = 3840
A = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]
B = [Note(0, 72, 1900, 30), Note(1931, 71, 1900, 31)]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def tune(notes: Iterable[Note], *more: Timed, tempos: tuple[tuple[int, int], ...] = ()) -> Tune:
    ons = [(n.onset, 1, bytes((0x90, n.pitch, n.velocity))) for n in notes]
    offs = [(n.end, 0, bytes((0x80, n.pitch, 64))) for n in notes]
    timed = [(tick, data) for tick, _, data in sorted([*ons, *offs])]
    return Tune(tuple(sorted([*more, *timed], key=lambda t: t[0])), tempos, ())


def way(model: Model, steps: int, a: Tune, b: Tune, **how: Any) -> Way:
    grid = model.preset.encoding.grid
    taken = first_window(a, grid, Path("a.mid")), first_window(b, grid, Path("b.mid"))
    return render(taken, model, steps, **how)


@pytest.mark.parametrize("steps", [2, 3, 16])
def test_it_begins_with_one_and_ends_with_the_other_event_for_event(
    model: Model, steps: int
) -> None:
    windows = way(model, steps, tune(A), tune(B)).windows
    assert len(windows) == steps
    assert list(windows[0]) == A
    assert list(windows[-1]) == B


def test_every_step_is_what_the_model_decides_there_on_the_nearer_end(model: Model) -> None:
    grid, encoding = model.preset.encoding.grid, model.preset.encoding
    ends = [first_window(tune(notes), grid, Path("a.mid")).window for notes in (A, B)]
    encoded = [encoding.listen(window) for window in ends]
    start, end = (tuple(e.tokens.tolist()) for e in encoded)
    curve = model.join(Join(start, end))
    windows = way(model, 16, tune(A), tune(B)).windows
    for k in range(1, 15):
        near = int(k > 7)
        between = Between(start, end, k / 15, curve)
        decided = model.answer(Work((start, end)[near], {}, between=between))
        heard = edit.residual(ends[near], encoded[near], decided.before, decided.after, encoding)
        assert windows[k] == heard.notes
    assert len(set(windows)) > 4


def test_the_way_back_is_as_long(model: Model) -> None:
    there, back = way(model, 9, tune(A), tune(B)), way(model, 9, tune(B), tune(A))
    assert there.windows[0] == back.windows[-1]
    assert there.windows[-1] == back.windows[0]


def test_from_a_window_to_itself_nothing_changes(model: Model) -> None:
    assert way(model, 4, tune(A), tune(A)).windows == (tuple(A),) * 4


def test_no_note_is_left_sounding_nor_struck_twice(model: Model) -> None:
    held = [*A[:3], Note(2880, 72, 9000, 80)]  # well into what is no part of the way
    messages = way(model, 16, tune(held), tune(B)).messages
    sounding: set[int] = set()
    for _, data in messages:
        struck = data[0] & 0xF0 == 0x90
        assert (data[1] in sounding) is not struck
        (sounding.add if struck else sounding.discard)(data[1])
    assert not sounding
    ticks = [tick for tick, _ in messages]
    assert ticks == sorted(ticks)
    assert ticks[0] >= 0
    assert ticks[-1] <= 16 * BAR


def test_only_the_first_window_is_on_the_way(model: Model) -> None:
    longer = [*A, *(note.moved(BAR - 40) for note in B)]  # the next bar's first note comes early
    assert way(model, 5, tune(longer), tune(B)) == way(model, 5, tune(A), tune(B))


def test_a_knob_moves_all_of_it(model: Model) -> None:
    windows = way(model, 5, tune(A), tune(B), knobs={"contour": ("offset", 0.5)}).windows
    assert [n.pitch for n in windows[0]] == [60, 68, 75, 72]
    assert windows[-1][-1].pitch > B[-1].pitch


def test_gestures_of_the_nearer_end_come_along(model: Model) -> None:
    a, b = tune(A, (1000, b"\xe0\x00\x50")), tune(B, (500, b"\xe0\x00\x30"))
    messages = way(model, 4, a, b, channel=3).messages
    bends = [(tick, data[2]) for tick, data in messages if data[0] == 0xE3]
    said = [(1000, 0x50), (BAR + 1000, 0x50), (2 * BAR + 500, 0x30), (3 * BAR + 500, 0x30)]
    centred = [(step * BAR, 0x40) for step in (1, 2, 3, 4)]  # no window goes on from another
    assert bends == sorted([*said, *centred])


def test_a_first_window_without_notes_is_no_end(model: Model) -> None:
    grid = model.preset.encoding.grid
    with pytest.raises(GlissarError, match=r"^late.mid has no notes in bar 1; give a file that "):
        first_window(tune([note.moved(BAR) for note in A]), grid, Path("late.mid"))


def test_the_tempo_is_that_in_which_the_first_one_begins() -> None:
    slows = tune(A, tempos=((0, 500_000), (0, 400_000), (1920, 900_000)))
    assert song_of(slows, Meter(3, 4)) == Tune((), ((0, 400_000),), ((0, Meter(3, 4)),))
    assert song_of(tune(A), Meter()).tempos == ()


def test_steps_stand_evenly_from_0_to_1() -> None:
    assert places(5) == [0, 0.25, 0.5, 0.75, 1]
