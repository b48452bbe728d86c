"""Lateness of what comes again with every loop, as the peer hears it."""

from __future__ import annotations

import pytest

from realtime.stage.hearing import Heard
from realtime.stage.rivals import BEAT
from realtime.stage.send import TUNE, in_the_loop, steady


def heard(times: list[float]) -> list[Heard]:
    pitches = [pitch for _, pitch, _ in TUNE.notes]
    return [Heard(0, bytes((0x94, pitches[n % 16], 64)), time) for n, time in enumerate(times)]


def test_the_tune_is_whole_ticks_of_everyone_and_names_its_notes_by_pitch():
    assert len({pitch for _, pitch, _ in TUNE.notes}) == len(TUNE.notes)
    for beat, _, beats in TUNE.notes:
        assert 480 * beat % 1 == 0
        assert 480 * beats % 1 == 0


def test_a_late_note_shows_wherever_the_hearing_begins():
    times = [100 + due for due in TUNE.times(64)]
    times[40] += 0.007
    late = in_the_loop(heard(times)[5:])
    assert late.pop(35) == pytest.approx(7.0)
    assert late == pytest.approx([0.0] * 58, abs=1e-6)


def test_others_may_have_played_before_or_nothing():
    assert in_the_loop([]) == []
    assert TUNE.times(17)[16] == TUNE.loop * BEAT


def test_a_drift_is_not_lateness():
    drifting = [(when / 10, when / 1e6) for when in range(2000)]
    assert max(abs(late) for late in steady(drifting)) == pytest.approx(0.1)
