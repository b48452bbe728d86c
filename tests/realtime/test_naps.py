from __future__ import annotations

import time

from realtime.naps import Naps


def test_a_sleep_is_noticed_once():
    awake, asleep = [100.0], [0.0]
    naps = Naps(lambda: awake[0], lambda: awake[0] + asleep[0])
    awake[0] += 3600
    assert not naps.over()  # however long it was awake
    asleep[0] += 5
    assert naps.over()
    assert not naps.over()
    asleep[0] += 0.5  # clocks that are read one after the other
    assert not naps.over()


def test_the_clocks_of_this_machine_are_not_apart():
    naps = Naps()
    assert not naps.over()
    assert abs(naps._whole() - naps._whole()) < 60
    assert naps._awake is time.monotonic
