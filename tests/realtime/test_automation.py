"""What a person writes after --knob, and how the knob then moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Meter
from presets.errors import GlissarError
from realtime.automation import Automation, parse, parse_all

KNOBS = ["density", "range"]
BEAT, BAR = 960, 3840


def turns(text: str, shift: int = 0) -> list[tuple[int, str, float]]:
    return [
        (control.tick, address.removeprefix("/glissar/knob/"), args[0])
        for control in parse(text, KNOBS).controls(Meter(), shift)
        for address, args in control.settings
    ]


@pytest.mark.parametrize(
    ("text", "knob"),
    [
        ("density=+0.6", Automation("density", "offset", ((1, 0.6),))),
        ("density=-.25", Automation("density", "offset", ((1, -0.25),))),
        ("density=1", Automation("density", "offset", ((1, 1.0),))),
        ("range=p0.8", Automation("range", "target", ((1, 0.8),))),
        ("density=-1@1,+1@9", Automation("density", "offset", ((1, -1.0), (9, 1.0)))),
        ("density==7", Automation("density", "value", ((1, 7.0),))),
        ("range==-3.5@2, 12@4", Automation("range", "value", ((2, -3.5), (4, 12.0)))),
        ("density=p0@2, p1@4", Automation("density", "target", ((2, 0.0), (4, 1.0)))),
    ],
)
def test_a_knob_is_read_as_it_is_meant(text: str, knob: Automation) -> None:
    assert parse(text, KNOBS) == knob


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("density", "says no number"),
        ("", "says no number"),
        ("loudness=1", "no knob loudness; this preset has density, range"),
        ("=1", "no knob ; this preset has"),
        ("density=", "not understood"),
        ("density=loud", "not understood"),
        ("density=nan", "not understood"),
        ("density=inf", "not understood"),
        ("density=1e3", "not understood"),
        ("density=0x1", "not understood"),
        ("density=0.5@", "not understood"),
        ("density=0.5@-1", "not understood"),
        ("density=0.5@1.5", "not understood"),
        ("density=0.5,,1@2", "not understood"),
        ("density==", "not understood"),
        ("density===7", "not understood"),
        ("density==128", "out of range"),
        ("density==7,p1@2", "mixes readings"),
        ("density=1.01", "out of range"),
        ("density=-2", "out of range"),
        ("density=p1.5", "out of range"),
        ("density=p-0.1", "out of range"),
        ("density=0.5@0", "out of range"),
        ("density=-1@1,1@99999999999", "out of range"),
        ("density=0@1,p1@2", "mixes readings or repeats bars"),
        ("density=0@1,1@1", "mixes readings or repeats bars"),
        ("density=0@9,1@1", "mixes readings or repeats bars"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(GlissarError, match=says) as refused:
        parse(text, KNOBS)
    assert str(refused.value).endswith(".")


def test_a_knob_is_given_once() -> None:
    assert len(parse_all(["density=1", "range=p0.5"], KNOBS)) == 2
    with pytest.raises(GlissarError, match=r"--knob density is given twice"):
        parse_all(["density=1", "range=p0.5", "density=-1"], KNOBS)


@given(st.text(max_size=20))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    for start in ("", "density="):
        try:
            knob = parse(start + text, KNOBS)
        except GlissarError:
            continue
        assert all(-1 <= number <= 1 for _, number in knob.points)


def test_a_knob_of_one_point_never_moves() -> None:
    knob = parse("density=0.5@3", KNOBS)
    assert knob.start == ("offset", 0.5)
    assert turns("density=0.5@3") == []


def test_between_two_points_it_moves_in_a_straight_line_beat_by_beat() -> None:
    moves = turns("density=0@2,1@4")
    assert moves[0] == (BAR + BEAT, "density", 0.125)
    assert moves[-1] == (3 * BAR, "density", 1.0)
    assert [number for _, _, number in moves] == [n / 8 for n in range(1, 9)]
    assert [tick for tick, _, _ in moves] == [BAR + n * BEAT for n in range(1, 9)]


def test_it_stands_still_between_equal_points() -> None:
    assert [t for t, _, _ in turns("density=0@1,0@5,1@6")] == [
        4 * BAR + n * BEAT for n in range(1, 5)
    ]


def test_a_percentile_moves_on_its_own_address() -> None:
    assert {address for _, address, _ in turns("range=p0@1,p1@2")} == {"range/target"}


def test_turns_are_shifted_to_when_the_answer_sounds() -> None:
    early, late = turns("density=0@1,1@2"), turns("density=0@1,1@2", shift=BAR)
    assert late == [(tick + BAR, address, number) for tick, address, number in early]
