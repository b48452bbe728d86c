"""Where a clock has the song, and how far off what sounds is."""

from __future__ import annotations

import pytest

from realtime.stage.follow import MS, Song, drift, errors, songs
from realtime.stage.hearing import RATE, Heard, clocks
from realtime.stage.stamped import Sent, Stamps

ON, CLICK = bytes((0x91, 60, 64)), bytes((0x99, 76, 100))


def clock(first: int, beats: int) -> list[Heard]:
    return [Heard(frame, data) for frame, data in clocks(120, beats, first)]


def test_songs_are_counted_as_midi_has_it():
    """A start; then a position, clocks that do not count, and a continue there."""
    second = 2 * RATE
    heard = [
        Heard(0, b"\xfa"),
        *clock(MS, 1),
        Heard(RATE, b"\xfc"),
        Heard(RATE + 1, b"\xf2\x05\x01"),
        *clock(RATE + MS, 1),
        Heard(second, b"\xfb"),
        *clock(second + MS, 2),
    ]
    start, later = songs(heard)
    assert (start.ticks[0], start.frames[0], len(start.ticks)) == (0, MS, 24)
    assert (later.ticks[0], later.frames[0], len(later.ticks)) == (133 * 240, second + MS, 48)
    assert later.frame_at(133 * 240 + 960) == second + MS + RATE // 2
    assert later.frame_at(133 * 240 + 20) == second + MS + 500
    assert later.frame_at(0) != later.frame_at(0)  # it was never there


def test_a_note_is_as_far_off_as_it_is_heard_after_its_place_on_the_clock():
    runs = [Song([0, 40, 80], [0, 1000, 2000]), Song([960, 1000], [90_000, 91_000])]
    sent = [Sent(0.0, ON, 20, 0.0), Sent(0.0, CLICK, 960, 0.0), Sent(0.0, ON), Sent(0.0, ON, 5000)]
    heard = [Heard(548, ON), Heard(90_096, CLICK), Heard(90_100, ON), Heard(95_000, ON)]
    found = list(errors(Stamps(sent=sent), heard, runs))
    assert found == [(0, pytest.approx(1.0)), (1, pytest.approx(2.0))]


def test_no_drift_in_ten_minutes_of_clock():
    assert abs(drift(600)) < 0.1


def test_a_tempo_that_is_counted_wrongly_would_show(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("realtime.stage.follow.TICKS_PER_CLOCK", 40.001)
    assert abs(drift(600)) > 1.0
