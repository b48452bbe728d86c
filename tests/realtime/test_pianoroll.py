"""The picture: well-formed SVG, every note drawn once, changes marked."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from presets.bar import Meter, Note
from realtime.pianoroll import BEAT_WIDTH, CHANGED, HEARD, PLAYED, before_and_after

PLAYED_NOTES = [Note(0, 60, 960), Note(960, 64, 960), Note(-100, 55, 200)]
HEARD_NOTES = [Note(0, 60, 960), Note(960, 67, 960), Note(3840, 120, 5)]


def rectangles(svg: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(svg)
    return [e.attrib for e in root.iter() if e.tag.endswith("rect")]


def coloured(svg: str, colour: str) -> int:
    return sum(r["fill"] == colour for r in rectangles(svg))


def test_notes_are_drawn_and_changed_ones_are_marked() -> None:
    svg = before_and_after(PLAYED_NOTES, HEARD_NOTES, Meter())
    assert [coloured(svg, c) for c in (PLAYED, HEARD, CHANGED)] == [3, 1, 2]


def test_everything_lies_inside_the_picture() -> None:
    svg = before_and_after(PLAYED_NOTES, HEARD_NOTES, Meter())
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
