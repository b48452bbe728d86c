"""The picture: well-formed SVG, every note drawn once, changes marked."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from presets.bar import Meter, Note
from realtime.pianoroll import ACROSS, BEAT_WIDTH, CHANGED, HEARD, PLAYED, before_and_after, way

PLAYED_NOTES = [Note(0, 60, 960), Note(960, 64, 960), Note(-100, 55, 200)]
HEARD_NOTES = [Note(0, 60, 960), Note(960, 67, 960), Note(3840, 120, 5)]


def rectangles(svg: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(svg)
    return [e.attrib for e in root.iter() if e.tag.endswith("rect")]


def texts(svg: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(svg)
    return [{**e.attrib, "says": e.text or ""} for e in root.iter() if e.tag.endswith("text")]


def coloured(svg: str, colour: str) -> int:
    return sum(r["fill"] == colour for r in rectangles(svg))


def test_notes_are_drawn_and_changed_ones_are_marked() -> None:
    svg = before_and_after(PLAYED_NOTES, HEARD_NOTES, Meter())
    assert [coloured(svg, c) for c in (PLAYED, HEARD, CHANGED)] == [3, 1, 2]


@pytest.mark.parametrize(
    "svg",
    [
        before_and_after(PLAYED_NOTES, HEARD_NOTES, Meter()),
        way([[Note(0, 60, 960)], [Note(2880, 90, 960)]] * 5, [0.1] * 10, 1, Meter()),
        way([[Note(0, 60, 960)], [Note(7200, 60, 480)]], [0, 1], 2, Meter()),
    ],
)
def test_everything_lies_inside_the_picture(svg: str) -> None:
    size = ElementTree.fromstring(svg).attrib
    for r in rectangles(svg):
        assert 0 <= float(r.get("x", 0)) <= float(size["width"])
        assert float(r.get("x", 0)) + float(r["width"]) <= float(size["width"])
        assert float(r.get("y", 0)) + float(r["height"]) <= float(size["height"])


@pytest.mark.parametrize("meter", [Meter(4, 4), Meter(6, 8), Meter(3, 4)])
def test_a_beat_is_as_wide_in_every_meter(meter: Meter) -> None:
    svg = before_and_after([Note(0, 60, meter.beat_ticks)], [], meter)
    (note,) = [r for r in rectangles(svg) if r["fill"] == PLAYED]
    assert float(note["width"]) == BEAT_WIDTH - 1


def test_an_answer_of_rests_can_be_drawn() -> None:
    assert coloured(before_and_after(PLAYED_NOTES, [], Meter()), PLAYED) == 3


def test_a_way_has_a_roll_for_every_window_four_across() -> None:
    places = [k / 8 for k in range(9)]
    rolls = texts(way([[Note(0, 60, 960)]] * 9, places, 1, Meter()))
    assert [r["says"] for r in rolls] == [f"{p:.2g}" for p in places]
    assert len({r["x"] for r in rolls}) == ACROSS
    assert len({r["y"] for r in rolls}) == 3


def test_on_a_way_what_the_window_before_did_not_have_is_marked() -> None:
    first, louder, other = Note(0, 60, 960), Note(0, 60, 960, 90), Note(960, 67, 960)
    svg = way([[first], [first, other], [louder, other], [], [other]], [0] * 5, 1, Meter())
    marks = [r["fill"] for r in rectangles(svg) if r["fill"] in (HEARD, CHANGED)]
    assert marks == [HEARD, HEARD, CHANGED, HEARD, HEARD, CHANGED]


def test_a_pitch_is_as_high_in_every_roll_of_a_way() -> None:
    svg = way([[Note(0, 60, 960)], [Note(0, 60, 960), Note(960, 90, 960)]], [0, 1], 1, Meter())
    heights = {r["y"] for r in rectangles(svg) if r["fill"] in (HEARD, CHANGED)}
    assert len(heights) == 2


def test_beats_too_near_to_tell_apart_are_not_drawn() -> None:
    near, far = (way([[Note(0, 60, 960)]], [0], bars, Meter()) for bars in (16, 1))
    assert (near.count("<line"), far.count("<line")) == (17, 5)
