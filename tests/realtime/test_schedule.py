from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from presets.bar import Note
from realtime.events import Plan
from realtime.schedule import AHEAD, Schedule

ON, OFF = 0x91, 0x81


def plan(
    *notes: tuple[int, int, int], start: int = 0, end: int = 3840, since: int = -1, **more: Any
):
    """A plan of (onset, pitch, duration), all of velocity 90."""
    since = start if since < 0 else since
    return Plan(start, end, since, tuple(Note(o, p, d, 90) for o, p, d in notes), **more)


def play(schedule: Schedule, until: int) -> list[tuple[int, int, int]]:
    """(tick, status, pitch) of everything up to `until`, each at the tick it is due."""
    said: list[tuple[int, int, int]] = []
    while (tick := schedule.next_tick()) is not None and tick <= until:
        said += [(tick, m[0], m[1]) for m in schedule.due(tick)]
    schedule.due(until)
    return said


def test_a_plan_is_played_at_its_ticks():
    schedule = Schedule(1)
    schedule.add(plan((0, 60, 480), (480, 62, 480)))
    assert schedule.due(0) == [bytes((ON, 60, 90))]
    assert play(schedule, 5000) == [(480, OFF, 60), (480, ON, 62), (960, OFF, 62)]


def test_nothing_rings_past_the_end():
    schedule = Schedule(1)
    schedule.add(plan((3000, 60, 2000)))
    assert play(schedule, 9000) == [(3000, ON, 60), (3840, OFF, 60)]


def test_the_next_plan_holds_a_tied_note():
    schedule = Schedule(1)
    schedule.add(plan((3000, 60, 2000)))
    schedule.add(plan((3000, 60, 2000), start=3840, end=7680))
    assert play(schedule, 9000) == [(3000, ON, 60), (5000, OFF, 60)]


def test_a_key_let_go_a_bit_late_strikes_nothing_and_rings_on_where_it_sounds():
    tail = plan((3000, 60, 841), (4800, 64, 10), start=3840, end=7680, early=120)
    schedule = Schedule(1)
    schedule.add(plan((3000, 72, 840)))  # the answer to it
    schedule.add(tail)
    assert play(schedule, 9000) == [
        (3000, ON, 72),
        (3840, OFF, 72),
        (4800, ON, 64),
        (4810, OFF, 64),
    ]
    as_it_was = Schedule(1)
    as_it_was.add(plan((3000, 60, 841)))
    as_it_was.add(tail)
    assert play(as_it_was, 4000) == [(3000, ON, 60), (3841, OFF, 60)]
    longer = Schedule(1)
    longer.add(plan((3000, 60, 961), start=3840, end=7680, early=120))
    assert play(longer, 9000) == [(3840, ON, 60), (3961, OFF, 60)]


def test_a_replacement_closes_what_it_does_not_hold_and_lets_the_rest_ring():
    schedule = Schedule(1)
    schedule.add(plan((0, 60, 1920), (0, 64, 1920), (960, 67, 960)))
    play(schedule, 500)
    schedule.add(plan((0, 60, 1440), (0, 65, 1920), since=720))
    assert play(schedule, 5000) == [
        (720, OFF, 64),
        (720, ON, 65),
        (1440, OFF, 60),
        (1920, OFF, 65),
    ]


def test_the_earlier_plan_holds_until_since():
    schedule = Schedule(1)
    schedule.add(plan((0, 60, 240), (480, 62, 240)))
    schedule.add(plan((0, 70, 240), (480, 72, 240), since=480))
    struck = [pitch for _, status, pitch in play(schedule, 5000) if status == ON]
    assert struck == [60, 72]


def test_a_later_word_about_an_earlier_tick_wins():
    schedule = Schedule(1)
    schedule.add(plan((0, 60, 100), (960, 61, 100)))
    schedule.add(plan((960, 70, 100), since=900))
    schedule.add(plan((960, 80, 100), since=600))
    assert [p for _, status, p in play(schedule, 5000) if status == ON] == [60, 80]


def test_a_late_plan_acts_from_now():
    schedule = Schedule(1)
    schedule.due(1000)
    schedule.add(plan((0, 60, 500), (480, 62, 960), (1200, 64, 240)))
    assert schedule.next_tick() == 1000
    assert play(schedule, 5000) == [
        (1000, ON, 62),
        (1200, ON, 64),
        (1440, OFF, 62),
        (1440, OFF, 64),
    ]


def test_a_late_answer_does_not_strike_again_what_the_dry_plan_struck():
    schedule = Schedule(1)
    schedule.add(plan((0, 60, 960)))
    assert play(schedule, 0) == [(0, ON, 60)]
    schedule.add(plan((0, 60, 480)))
    assert play(schedule, 5000) == [(480, OFF, 60)]


def test_a_plan_that_is_over_is_left_out():
    schedule = Schedule(1)
    schedule.due(4000)
    schedule.add(plan((0, 60, 3840)))
    assert schedule.next_tick() is None


def test_gestures_come_between_offs_and_ons_on_the_answers_channel():
    schedule = Schedule(1)
    bend = bytes((0xE0, 0, 80))
    schedule.add(plan((0, 60, 480), (480, 62, 480), gestures=((480, bend), (960, b"\x90\x40\x40"))))
    play(schedule, 479)
    assert schedule.due(480) == [
        bytes((OFF, 60, 64)),
        bytes((0xE1, 0, 80)),
        bytes((ON, 62, 90)),
    ]
    assert play(schedule, 5000) == [(960, OFF, 62)]  # a note among the gestures is no gesture


def test_what_comes_anew_puts_pedal_and_bend_at_rest_first():
    schedule, pedal, bend = Schedule(1), bytes((0xB0, 64, 127)), bytes((0xE0, 0, 70))
    loop = Plan(0, 3840, 0, (), ((100, pedal), (200, bend)), early=80, anew=True)
    schedule.add(loop)
    assert len(play(schedule, 3000)) == 2
    again = Plan(3840, 7680, 3840, (), ((3800, pedal), (4040, bend)), early=80, anew=True)
    schedule.add(again)
    assert schedule.due(3799) == []
    at_rest = [bytes((0xB1, 64, 0)), bytes((0xE1, 0, 64))]
    assert schedule.due(3800) == [*at_rest, bytes((0xB1, 64, 127))]
    schedule.add(again)  # the answer, after the dry plan
    assert schedule.due(5000) == [bytes((0xE1, 0, 70))]


def test_pedal_and_bend_are_at_rest_when_the_first_early_note_is_struck():
    schedule, bend = Schedule(1), bytes((0xE0, 0, 70))
    schedule.add(Plan(0, 3840, 0, (), ((200, bend),), early=80, anew=True))
    schedule.add(Plan(3840, 7680, 3840, (Note(3790, 60, 400, 90),), (), early=80, anew=True))
    said = play(schedule, 3839)
    assert [tick for tick, _, _ in said] == [200, 3790, 3790]
    assert [status for _, status, _ in said] == [0xE1, 0xE1, ON]


def test_what_comes_anew_and_late_puts_them_at_rest_before_its_own():
    schedule, pedal = Schedule(1), bytes((0xB0, 64, 127))
    schedule.add(Plan(0, 3840, 0, (), ((100, pedal),), early=80))
    play(schedule, 3839)
    schedule.add(Plan(3840, 7680, 3840, (), ((3840, pedal),), early=80, anew=True))
    assert schedule.due(3840) == [bytes((0xB1, 64, 0)), bytes((0xB1, 64, 127))]


def test_early_gestures_of_two_windows_to_come_are_both_said():
    schedule, up = Schedule(1), bytes((0xB0, 64, 0))
    for start in (3840, 7680):
        schedule.add(Plan(start, start + 3840, start, (), ((start - 40, up),), early=80))
    assert [tick for tick, _, _ in play(schedule, 9000)] == [3800, 7640]


def test_a_replacement_does_not_repeat_gestures():
    schedule = Schedule(1)
    gestures = ((100, b"\xe0\x00\x50"), (900, b"\xe0\x00\x40"))
    schedule.add(plan(gestures=gestures))
    assert len(play(schedule, 500)) == 1
    schedule.add(plan(gestures=gestures))
    assert [tick for tick, _, _ in play(schedule, 5000)] == [900]


def test_early_notes_sound_over_the_plan_before():
    schedule = Schedule(1)
    schedule.add(plan((0, 60, 3840)))
    schedule.add(plan((3800, 62, 500), start=3840, end=7680, early=80))
    assert play(schedule, 9000) == [
        (0, ON, 60),
        (3800, ON, 62),
        (3840, OFF, 60),
        (4300, OFF, 62),
    ]


def test_close_all_closes_and_forgets():
    schedule = Schedule(1)
    schedule.add(plan((0, 60, 960), (480, 62, 960)))
    play(schedule, 100)
    assert schedule.close_all() == [bytes((OFF, 60, 64))]
    assert schedule.next_tick() is None


def test_notes_that_midi_cannot_play_are_left_out():
    schedule = Schedule(1)
    odd = (Note(0, 128, 480, 90), Note(0, -1, 480, 90), Note(0, 60, 0, 90), Note(0, 61, 480, 200))
    schedule.add(Plan(0, 3840, 0, odd))
    assert schedule.due(0) == [bytes((ON, 61, 127))]


def test_waiting_plans_are_bounded():
    schedule = Schedule(1)
    for window in range(20):
        schedule.add(plan((window * 100, 60, 50), start=window * 100, end=window * 100 + 100))
    assert schedule.dropped == 20 - AHEAD


notes = st.builds(
    Note,
    onset=st.integers(-200, 900),
    pitch=st.integers(58, 62),
    duration=st.integers(0, 400),
    velocity=st.integers(0, 130),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    start = draw(st.integers(0, 8)) * 100
    return Plan(
        start,
        start + draw(st.sampled_from([100, 200, 400])),
        start + draw(st.integers(-50, 300)),
        tuple(draw(st.lists(notes, max_size=6))),
        gestures=((start + 10, b"\xe0\x00\x40"),),
        early=draw(st.sampled_from([0, 0, 50])),
    )


def check_pairs(messages: Iterable[bytes]) -> set[int]:
    """The pitches that sound at the end. Fails on a stray note-off and on a note struck twice."""
    sounding: set[int] = set()
    for message in messages:
        kind, pitch = message[0] & 0xF0, message[1]
        if kind == 0x90:
            assert pitch not in sounding
            sounding.add(pitch)
        elif kind == 0x80:
            assert pitch in sounding
            sounding.remove(pitch)
    return sounding


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(plans(), st.integers(-30, 150), st.booleans()), max_size=12))
def test_every_note_on_gets_one_note_off(steps: list[tuple[Plan, int, bool]]):
    schedule, said, tick = Schedule(1), list[bytes](), 0
    for each, wait, silence in steps:
        schedule.add(each)
        tick += wait  # a followed clock may step back a little
        said += schedule.due(tick)
        said += schedule.silence() if silence else ()
        assert (next_tick := schedule.next_tick()) is None or next_tick > tick or wait < 0
    check_pairs(said)
    assert check_pairs([*said, *schedule.close_all()]) == set()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(plans(), st.integers(0, 150)), max_size=8))
def test_left_alone_it_falls_silent(steps: list[tuple[Plan, int]]):
    schedule, said, tick = Schedule(1), list[bytes](), 0
    for each, wait in steps:
        schedule.add(each)
        tick += wait
        said += schedule.due(tick)
    assert check_pairs([*said, *schedule.due(5000)]) == set()
    assert schedule.next_tick() is None


@settings(max_examples=200, deadline=None)
@given(st.lists(plans(), max_size=6), st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_how_often_it_is_asked_changes_nothing(given_plans: list[Plan], waits: list[int]):
    often, once = Schedule(1), Schedule(1)
    for each in given_plans:
        often.add(each)
        once.add(each)
    said = [m for tick in range(0, 2000, waits[0]) for m in often.due(tick)]
    assert said + often.due(2000) == once.due(2000)


def test_an_early_note_keeps_its_timing_and_is_struck_once():
    """It sounds over the plan before, rings on into its own, and no later plan strikes it again."""
    schedule = Schedule(1)
    early = Note(3800, 62, 1000)
    schedule.add(Plan(0, 3840, 0, (Note(0, 60, 3840),), early=120))
    schedule.add(Plan(3840, 7680, 3840, (early,), early=120))
    assert schedule.due(3799) == [bytes((0x91, 60, 64))]
    assert schedule.due(3800) == [bytes((0x91, 62, 64))]
    assert schedule.due(3840) == [bytes((0x81, 60, 64))]
    schedule.add(Plan(3840, 7680, 3840, (early, Note(4000, 67, 100)), early=120))
    assert schedule.due(3999) == []
    assert schedule.due(4800) == [
        bytes((0x91, 67, 64)),
        bytes((0x81, 67, 64)),
        bytes((0x81, 62, 64)),
    ]


def test_an_early_gesture_keeps_its_timing_and_is_said_once():
    schedule, bend = Schedule(1), bytes((0xE0, 0, 70))
    first = Plan(3840, 7680, 3840, (Note(3800, 62, 1000),), ((3800, bend), (3900, bend)), early=120)
    schedule.add(first)
    assert schedule.due(3800) == [bytes((0xE1, 0, 70)), bytes((0x91, 62, 64))]
    schedule.add(first)  # the answer, after the dry plan
    assert schedule.due(3899) == []
    assert schedule.due(3900) == [bytes((0xE1, 0, 70))]
