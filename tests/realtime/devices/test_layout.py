"""Columns: nothing lies on anything else, and all that fits stays within."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from realtime.devices.layout import Rect, columns


def over(one: Rect, other: Rect) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.bottom and other.top < one.bottom


def test_a_column_is_filled_before_the_next_begins() -> None:
    assert list(columns([(10, 20), (30, 20), (10, 20)], left=5, top=1, bottom=50, gap=2)) == [
        Rect(5, 1, 10, 20),
        Rect(5, 23, 30, 20),
        Rect(37, 1, 10, 20),
    ]


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 150)), max_size=30),
    st.integers(0, 20),
    st.integers(0, 9),
)
def test_nothing_overlaps_and_what_fits_stays_within(
    sizes: list[tuple[int, int]], top: int, gap: int
) -> None:
    places = list(columns(sizes, 3, top, 100, gap))
    assert [(place.width, place.height) for place in places] == sizes
    assert not any(over(one, other) for one, other in combinations(places, 2))
    for place in places:
        assert place.left >= 3
        assert place.top >= top
        assert place.bottom <= 100 or place.top == top  # higher than a column: one of its own
