"""Distributions as a picture."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from realtime.stage.curves import HEIGHT, LEFT, TOP, WIDTH, curves

Points = list[tuple[float, float]]


def lines(picture: str) -> list[Points]:
    root = ElementTree.fromstring(picture)
    found = root.findall("{http://www.w3.org/2000/svg}polyline")
    return [
        [(float(x), float(y)) for x, y in (p.split(",") for p in line.attrib["points"].split())]
        for line in found
    ]


def test_the_later_one_lies_further_right():
    early = [0.1 + n / 10_000 for n in range(1000)]
    picture = curves({"early": early, "late": [10 * v for v in early], "nobody": []}, "ms")
    first, second = lines(picture)
    assert all(b[0] > a[0] and b[1] == a[1] for a, b in zip(first, second, strict=True))
    assert "early (1000)" in picture
    assert "nobody" not in picture


def test_one_in_a_thousand_is_at_the_foot():
    [line] = lines(curves({"one is late": [1.0] * 999 + [100.0]}, "ms"))
    assert line[0][1] == TOP
    assert line[-1] == (LEFT + WIDTH, TOP + HEIGHT)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=50))
def test_whatever_is_drawn_goes_down_and_to_the_right_on_the_paper(values: list[float]):
    [line] = lines(curves({"any": values}, "ms"))
    for (x1, y1), (x2, y2) in pairwise(line):
        assert x1 <= x2
        assert y1 <= y2
    assert all(LEFT <= x <= LEFT + WIDTH and TOP <= y <= TOP + HEIGHT for x, y in line)
