"""Follow: what is played in one window is heard, moved by the knobs, in a later one.

Scripts of events in, notes heard out: session, schedule and the tiny preset's graphs are the real
ones, and there is no clock. Ticks: 960 a beat, 3840 a bar; a window closes 120 ticks early.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from presets import preset
from presets.bar import Note
from realtime.events import Control, Halted, NoteOff, NoteOn, Rolling, SessionEvent
from realtime.model import Model
from realtime.offline import Stage
from realtime.render import notes_of
from realtime.session import Session
from realtime.state import State

BAR, BEAT, LEAD = 3840, 960, 120
EIGHTH = BEAT // 2

# What the knobs do to the tiny preset, exactly: four more notes; the last note 12 semitones up.
FOUR_MORE = 0.35
OCTAVE_UP = 0.5
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 960)]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def keys(notes: Sequence[Note], channel: int = 0) -> list[SessionEvent]:
    """The notes as the player's hands send them."""
    ons = [NoteOn(n.onset, n.pitch, n.velocity, channel) for n in notes]
    offs = [NoteOff(n.end, n.pitch, channel) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


def turn(tick: int, knob: str, value: float) -> Control:
    return Control(tick, ((f"/glissar/knob/{knob}", (value,)),))


def offsets(**knobs: float) -> dict[str, tuple[str, float]]:
    return {name: ("offset", value) for name, value in knobs.items()}


def heard(
    model: Model,
    script: Sequence[SessionEvent],
    bars: int = 3,
    state: State | None = None,
    start: int = 0,
) -> list[Note]:
    """What sounds on the answer channel from `start` to the end of the last bar."""
    stage = Stage(Session(model.preset.manifest, state), model.answer)
    return notes_of(stage.perform([Rolling(start), *script], bars * BAR))


def later(notes: Sequence[Note], bars: int = 1) -> list[Note]:
    return [note.moved(bars * BAR) for note in notes]


def pitches(notes: Sequence[Note]) -> list[int]:
    return [note.pitch for note in notes]


# --- neutral --------------------------------------------------------------------------------------

UNEVEN = [  # off the grid, staccato, legato, a chord, a repeated key, soft and loud
    *(Note(7, 60, 300, 101), Note(463, 60, 470, 20), Note(950, 55, 1200, 64)),
    *(Note(951, 62, 930, 64), Note(1899, 71, 47, 127), Note(2881, 67, 700, 1)),
]


def test_with_every_knob_at_neutral_the_window_comes_back_event_for_event(model: Model) -> None:
    assert heard(model, keys(UNEVEN)) == later(UNEVEN)


def test_a_knob_turned_and_turned_back_is_neutral_again(model: Model) -> None:
    script = [turn(10, "density", 1.0), turn(20, "density", 0.0), *keys(UNEVEN)]
    assert heard(model, script) == later(UNEVEN)


def test_every_window_is_answered_in_turn(model: Model) -> None:
    song = [*ARCH, *later(UNEVEN), *later(ARCH, 2)]
    assert heard(model, keys(song), bars=4) == later(song)


def test_before_the_first_window_closes_the_answers_are_silent(model: Model) -> None:
    assert heard(model, keys(ARCH), bars=1) == []


@pytest.mark.parametrize("delay", [1, 2, 3, 8])
def test_delay_counts_windows(model: Model, delay: int) -> None:
    song = [*ARCH, *later(UNEVEN)]
    assert heard(model, keys(song), 3 + delay, State(delay=delay)) == later(song, delay)


def test_a_preset_is_played_in_any_register_and_comes_back_there(model: Model) -> None:
    bass = [Note(n.onset, n.pitch - 36, n.duration, n.velocity) for n in ARCH]
    treble = [Note(n.onset, n.pitch + 48, n.duration, n.velocity) for n in ARCH]
    assert heard(model, keys(bass)) == later(bass)
    assert heard(model, keys(treble)) == later(treble)


# --- ties and edges -------------------------------------------------------------------------------


def test_a_note_tied_over_the_line_is_not_struck_again(model: Model) -> None:
    tied = [Note(2880, 67, 1920, 80)]
    assert heard(model, keys(tied)) == later(tied)


def test_a_note_tied_over_several_windows_is_one_note(model: Model) -> None:
    drone = [Note(960, 55, 3 * BAR, 80)]
    assert heard(model, keys(drone), bars=6) == later(drone)


def test_a_tied_note_is_not_struck_again_where_the_knobs_change_other_notes(model: Model) -> None:
    tied = Note(2880, 60, 1920, 80)
    song = [*ARCH[:3], tied, Note(BAR + 1920, 64, 960, 80)]
    notes = heard(model, keys(song), bars=3, state=State(offsets(density=FOUR_MORE)))
    struck = [n.onset for n in notes if n.pitch == 60 and BAR + 2880 <= n.onset <= 2 * BAR]
    assert 2 * BAR not in struck


def test_a_note_let_go_between_the_close_and_the_line_ends_where_it_did(model: Model) -> None:
    late_off = [Note(2880, 67, 900, 80)]
    assert BAR - LEAD < late_off[0].end < BAR
    assert heard(model, keys(late_off)) == later(late_off)


def test_a_note_let_go_between_the_close_and_the_line_keeps_the_answer(model: Model) -> None:
    song = [*ARCH[:3], Note(2880, 60, 900, 64)]
    notes = heard(model, keys(song), state=State(offsets(contour=OCTAVE_UP)))
    assert notes[-1] == Note(BAR + 2880, 72, 900, 64)


def test_an_early_note_keeps_its_timing(model: Model) -> None:
    song = [*ARCH[:3], Note(BAR - 60, 72, 1000, 99), Note(BAR + 1920, 74, 900, 99)]
    assert heard(model, keys(song)) == later(song)


def test_an_early_note_is_answered_with_the_window_that_follows(model: Model) -> None:
    song = [Note(BAR - LEAD, 60, 1000), *later(ARCH[1:])]
    notes = heard(model, keys(song), bars=4, state=State(offsets(contour=OCTAVE_UP)))
    assert pitches(notes) == [60, 68, 75, 72]
    assert notes[0].onset == 2 * BAR - LEAD


def test_a_note_just_before_that_belongs_to_the_window_it_is_in(model: Model) -> None:
    alone = [Note(BAR - LEAD - 1, 60, 100)]
    more = heard(model, keys(alone), state=State(offsets(density=FOUR_MORE)))
    assert more, "the first window has a note to answer"
    assert all(note.end <= 2 * BAR for note in more)


@pytest.mark.parametrize("delay", [1, 2])
def test_a_short_early_note_survives_a_note_held_over_the_next_close(
    model: Model, delay: int
) -> None:
    """The window is taken again at its end; what was struck before its first line is still in."""
    early = Note(BAR - 100, 72, 50, 99)
    held_over = Note(BAR + 2880, 67, 900, 80)
    assert 2 * BAR - LEAD < held_over.end < 2 * BAR
    notes = heard(model, keys([early, held_over]), 5, State(delay=delay))
    assert notes == later([early, held_over], delay)


def test_an_early_note_as_long_as_its_window_is_struck_once(model: Model) -> None:
    """It sounds already when its true end becomes known, at the line."""
    long = [Note(BAR - 100, 72, BAR, 99)]
    assert 2 * BAR - LEAD < long[0].end < 2 * BAR
    assert heard(model, keys(long), bars=4) == later(long)


def test_a_jump_over_several_lines_loses_only_what_was_jumped_over(model: Model) -> None:
    """A halt and a new start at bar 10: nothing of before, everything of after."""
    after = later(ARCH, 10)
    script = [*keys(ARCH), Halted(BAR - 10), Rolling(10 * BAR), *keys(after)]
    assert heard(model, script, bars=12) == later(after)


# --- knobs ----------------------------------------------------------------------------------------


def test_density_adds_notes_and_moves_none_of_the_played_ones(model: Model) -> None:
    notes = heard(model, keys(ARCH), state=State(offsets(density=FOUR_MORE)))
    added = [n for n in notes if (n.onset - BAR) % BEAT]
    assert [n.onset - BAR for n in added] == [480, 1440, 2400, 3360]
    assert pitches(added) == [60, 64, 67, 60]
    kept = [n for n in notes if n not in added]
    assert [(n.onset, n.pitch, n.velocity) for n in kept] == [
        (n.onset, n.pitch, n.velocity) for n in later(ARCH)
    ]


def test_contour_bends_the_line_and_keeps_its_rhythm_and_touch(model: Model) -> None:
    notes = heard(model, keys(ARCH), state=State(offsets(contour=OCTAVE_UP)))
    assert pitches(notes) == [60, 68, 75, 72]
    touch = [(n.onset, n.duration, n.velocity) for n in notes]
    assert touch == [(n.onset, n.duration, n.velocity) for n in later(ARCH)]


def test_added_notes_have_the_velocity_of_the_nearest_played_onset(model: Model) -> None:
    soft_loud = [Note(0, 60, 1900, 10), Note(2400, 64, 1400, 120)]
    notes = heard(model, keys(soft_loud), state=State(offsets(density=FOUR_MORE)))
    assert len(notes) == 6
    for note in notes:
        nearest = min(later(soft_loud), key=lambda n: abs(n.onset - note.onset))
        assert note.velocity == nearest.velocity


def test_a_target_asks_for_a_percentile_wherever_the_window_is(model: Model) -> None:
    few = heard(model, keys(ARCH), state=State({"density": ("target", 0.0)}))
    many = heard(model, keys(ARCH), state=State({"density": ("target", 1.0)}))
    assert (len(few), len(many)) == (2, 14)


def test_of_a_chord_the_top_line_moves_and_the_lower_notes_travel(model: Model) -> None:
    lower = [Note(0, 48, 1800, 40), Note(0, 52, 1800, 41), Note(1920, 50, 900, 42)]
    notes = heard(model, keys([*ARCH, *lower]), state=State(offsets(contour=OCTAVE_UP)))
    assert set(later(lower)) <= set(notes)
    assert pitches([n for n in notes if n not in later(lower)]) == [60, 68, 75, 72]


@pytest.mark.parametrize(
    ("semitones", "knob", "moves"),
    [
        (-36, OCTAVE_UP, (0, 4, 8, 12)),
        (-12, OCTAVE_UP, (0, 4, 8, 12)),
        (24, -OCTAVE_UP, (0, -4, -8, -12)),
        (36, -OCTAVE_UP, (0, -4, -8, -12)),
    ],
)
def test_windows_out_of_range_are_folded_in_and_back_out(
    model: Model, semitones: int, knob: float, moves: Sequence[int]
) -> None:
    away = [Note(n.onset, n.pitch + semitones, n.duration, n.velocity) for n in ARCH]
    notes = heard(model, keys(away), state=State(offsets(contour=knob)))
    assert pitches(notes) == [n.pitch + move for n, move in zip(away, moves, strict=True)]


def test_a_window_of_rests_is_answered_by_rests(model: Model) -> None:
    all_up = State(offsets(density=1.0, contour=1.0))
    song = later(ARCH, 2)
    assert heard(model, keys(song), bars=2, state=all_up) == []
    assert min(n.onset for n in heard(model, keys(song), bars=5, state=all_up)) >= 3 * BAR


def test_rests_are_answered_by_rests_with_edit_full_too(model: Model) -> None:
    assert heard(model, [], state=State(offsets(density=1.0), edit="full")) == []


def test_full_plays_the_model_exactly_on_its_grid_with_played_velocities(model: Model) -> None:
    loose = [Note(n.onset + 37, n.pitch, 700, n.velocity) for n in ARCH]
    notes = heard(model, keys(loose), state=State(edit="full"))
    assert [(n.onset - BAR, n.pitch, n.velocity) for n in notes] == [
        (n.onset, n.pitch, n.velocity) for n in ARCH
    ]


# --- a knob turned in the middle of a window ------------------------------------------------------


def test_a_knob_changes_the_rest_of_the_window_from_the_next_grid_line(model: Model) -> None:
    notes = heard(model, [*keys(ARCH), turn(BAR + 1000, "contour", OCTAVE_UP)])
    line = BAR + 960 + 240
    assert notes == [
        Note(BAR, 60, 900, 90),
        Note(BAR + 960, 64, 240, 70),  # the new plan holds 68 here: 64 is closed, 68 is struck
        Note(line, 68, 660, 70),
        Note(BAR + 1920, 75, 900, 50),
        Note(BAR + 2880, 72, 960, 64),
    ]


def test_what_the_new_plan_still_holds_rings_on(model: Model) -> None:
    pedal = Note(0, 48, 3840, 77)
    notes = heard(model, [*keys([*ARCH, pedal]), turn(BAR + 1000, "contour", OCTAVE_UP)])
    assert [n for n in notes if n.pitch == 48] == later([pedal])


def test_a_knob_turned_exactly_on_a_line_acts_on_that_line(model: Model) -> None:
    notes = heard(model, [*keys(ARCH), turn(BAR + 1920, "contour", OCTAVE_UP)])
    assert pitches(notes) == [60, 64, 75, 72]


def test_a_knob_turned_back_gives_the_rest_of_the_played_window_back(model: Model) -> None:
    turns = [turn(0, "contour", OCTAVE_UP), turn(BAR + 1920, "contour", 0.0)]
    notes = heard(model, [*turns, *keys(ARCH)])
    assert pitches(notes) == [60, 68, 67, 60]


def test_a_knob_turned_after_the_last_line_of_a_window_waits_for_the_next(model: Model) -> None:
    song = [*ARCH, *later(ARCH)]
    notes = heard(model, [*keys(song), turn(2 * BAR - 10, "contour", OCTAVE_UP)], bars=4)
    assert pitches(notes) == [60, 64, 67, 60, 60, 68, 75, 72]


def test_a_knob_turned_between_the_close_and_the_line_moves_both_windows(model: Model) -> None:
    song = [*ARCH, *later(ARCH)]
    notes = heard(model, [*keys(song), turn(2 * BAR - LEAD + 1, "contour", OCTAVE_UP)], bars=4)
    assert pitches(notes[4:]) == [60, 68, 75, 72]


@pytest.mark.parametrize("tick", [BAR - 60, 5 * BAR - 60, 9 * BAR - 60, 9 * BAR + 100])
def test_with_the_longest_delay_a_knob_turned_at_any_time_loses_no_window(
    model: Model, tick: int
) -> None:
    song = [note for bar in range(9) for note in later(ARCH, bar)]
    notes = heard(model, [*keys(song), turn(tick, "contour", OCTAVE_UP)], 18, State(delay=8))
    bars = {note.onset // BAR for note in notes}
    assert bars == set(range(8, 17))


def test_a_delay_changed_on_the_way_neither_hangs_nor_doubles(model: Model) -> None:
    song = [note for bar in range(4) for note in later(ARCH, bar)]
    shorter = Control(2 * BAR, (("/glissar/delay", (1,)),))
    notes = heard(model, [*keys(song), shorter], 7, State(delay=3))
    for bar in range(3, 5):
        assert pitches([n for n in notes if n.onset // BAR == bar]) == pitches(ARCH)


# --- count-in and halt ----------------------------------------------------------------------------


def test_a_count_in_captures_nothing(model: Model) -> None:
    counted = [note.moved(-BAR) for note in ARCH]
    assert heard(model, keys([*counted, *ARCH]), start=-2 * BAR) == later(ARCH)


def test_a_note_just_before_the_first_line_is_part_of_the_first_window(model: Model) -> None:
    early = [Note(-50, 60, 900), *ARCH[1:]]
    assert heard(model, keys(early), start=-BAR) == later(early)


def test_rolling_may_begin_inside_a_window(model: Model) -> None:
    assert heard(model, keys(ARCH[2:]), start=1500) == later(ARCH[2:])


def test_halt_forgets_what_was_captured_and_what_was_held(model: Model) -> None:
    script = [*keys(ARCH), NoteOn(3000, 55, 64), Halted(BAR + 5), Rolling(8 * BAR)]
    assert heard(model, script, bars=12) == [Note(BAR, 60, 5, 90)]


def test_notes_played_while_the_transport_stands_are_not_captured(model: Model) -> None:
    idle = [Note(BAR + 100, 60, 50), Note(BAR + 200, 62, 50)]
    script = [Halted(BAR), *keys(idle), Rolling(BAR + 300), *keys(later(ARCH, 2))]
    assert heard(model, script, bars=5) == later(ARCH, 3)


def test_knobs_stay_where_they_are_over_a_halt(model: Model) -> None:
    script = [turn(0, "contour", OCTAVE_UP), Halted(BAR), Rolling(4 * BAR), *keys(later(ARCH, 4))]
    assert pitches(heard(model, script, bars=7)) == [60, 68, 75, 72]


# --- variation ------------------------------------------------------------------------------------


def test_variation_makes_another_answer_of_every_window_and_the_same_ones_again(
    model: Model,
) -> None:
    song = [*ARCH, *later(ARCH), *later(ARCH, 2)]
    script = [Control(0, (("/glissar/variation", (1.0,)),)), *keys(song)]
    found = heard(model, script, bars=4)
    assert found == heard(model, script, bars=4)
    windows = [[n.moved(-b * BAR) for n in found if n.onset // BAR == b] for b in (1, 2, 3)]
    assert windows[0] != windows[1] != windows[2]
    assert ARCH not in windows


def test_variation_turned_to_0_is_neutral(model: Model) -> None:
    loud, none = (Control(t, (("/glissar/variation", (v,)),)) for t, v in ((0, 1.0), (10, 0.0)))
    assert heard(model, [loud, none, *keys(ARCH)]) == later(ARCH)
