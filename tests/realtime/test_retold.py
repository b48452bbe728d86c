"""What a player tells an engine that comes in the midst of a song."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from realtime.events import Gesture, NoteOff, NoteOn, Rolling
from realtime.retold import RETOLD, Retold

ticks = st.integers(0, 10**6)
events = st.builds(NoteOn, ticks, st.just(60), st.just(80)) | st.builds(NoteOff, ticks, st.just(60))
events |= st.builds(Gesture, ticks, st.just(b"\xe0\x00\x40"))


@given(ticks, st.lists(events, max_size=20), st.integers(0, RETOLD + 9))
def test_all_that_is_told_again_is_known_since_then(
    start: int, last: list[NoteOn], many: int
) -> None:
    ring, first = Retold(), [Gesture(start + n, b"\xd0\x00") for n in range(many)]
    for event in (NoteOn(5, 1, 1), NoteOff(6, 1)):
        ring.hear(event)
    ring.begin(start)
    for event in (*first, *last):
        ring.hear(event)
    rolling, *told = ring.again(start + 9, 3)
    assert told == [*first, *last][-RETOLD:]
    assert rolling == Rolling(start + 9, 3, since=ring.since)
    assert ring.since >= start
    if len(told) < RETOLD:
        assert ring.since == start


def test_a_flood_takes_the_oldest() -> None:
    ring = Retold()
    for tick in range(3 * RETOLD):
        ring.hear(NoteOn(tick, 60, 80))
    rolling, *told = ring.again(3 * RETOLD, 0)
    assert rolling == Rolling(3 * RETOLD, since=2 * RETOLD)
    assert [a.tick + 1 == b.tick for a, b in pairwise(told)] == [True] * (RETOLD - 1)
