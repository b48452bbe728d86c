"""Which plan a turned knob has made."""

from __future__ import annotations

import pytest

from realtime.stage.knob import TICKS, pair
from realtime.stage.stamped import Planned, Sent, Stamps

BAR = 3840


def test_each_turn_has_the_first_plan_for_the_rest_of_a_window():
    """The song began at 10 s, so a bar goes from 12 to 14 s."""
    stamps = Stamps(
        sent=[Sent(12.0, b"\x91\x3c\x40", BAR, 10 + BAR / TICKS)],
        plans=[
            Planned(12.5005, 2 * BAR, 3 * BAR, 2 * BAR),  # for a whole window: no knob's
            Planned(12.502, BAR, 2 * BAR, BAR + 1000),
            Planned(13.9, BAR, 2 * BAR, BAR + 3700),
        ],
    )
    taken, left, missing = pair([12.5, 12.6, 13.895], stamps)
    assert taken == [pytest.approx(2.0)]
    assert missing == 1  # what came 1.3 s later is not the answer to the second
    assert left == 1  # the last steps of a window
