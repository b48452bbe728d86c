from __future__ import annotations

import pytest

from presets.bar import Meter
from realtime.metronome import ACCENT, BEAT, LENGTH, Metronome


def clicks(metronome: Metronome, until: int) -> list[tuple[int, int]]:
    """(tick, pitch) of each click; every one is closed before the next."""
    struck: list[tuple[int, int]] = []
    sounding: set[int] = set()
    while (tick := metronome.next_tick()) is not None and tick <= until:
        for message in metronome.due(tick):
            if message[0] == 0x99:
                assert not sounding
                sounding.add(message[1])
                struck.append((tick, message[1]))
            else:
                sounding.remove(message[1])
    return struck


@pytest.mark.parametrize("meter", [Meter(4, 4), Meter(3, 4), Meter(6, 8)])
def test_it_clicks_on_every_beat_and_louder_on_the_first(meter: Meter):
    metronome = Metronome(meter, 9, on=True)
    metronome.locate(0)
    struck = clicks(metronome, 2 * meter.bar_ticks - 1)
    assert [tick for tick, _ in struck] == list(range(0, 2 * meter.bar_ticks, meter.beat_ticks))
    bar = [ACCENT] + [BEAT] * (meter.beats - 1)
    assert [pitch for _, pitch in struck] == bar * 2


def test_from_the_middle_it_takes_the_next_beat():
    metronome = Metronome(Meter(), 9, on=True)
    metronome.locate(1000)
    assert metronome.next_tick() == 1920


def test_off_it_only_counts_in():
    metronome = Metronome(Meter(), 9, on=False)
    metronome.locate(-1920)
    assert [tick for tick, _ in clicks(metronome, 9000)] == [-1920, -960]
    metronome.locate(0)
    assert metronome.next_tick() is None


def test_closing_ends_the_click_that_sounds():
    metronome = Metronome(Meter(), 9, on=True)
    metronome.locate(0)
    metronome.due(0)
    assert metronome.next_tick() == LENGTH
    assert metronome.close_all() == [bytes((0x89, ACCENT, 64))]
    assert metronome.next_tick() is None
