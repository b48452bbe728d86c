"""From a knob's OSC message to the plan that it changes: through all processes, as they are.

The stamps are the monotonic clock's, just before the datagram is sent and when the player has taken
the plan in. Between them: loopback, the reading of OSC, session, inference, the pipe through the
supervisor, and the player's thread waking up.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from itertools import pairwise

from presets.bar import TICKS_PER_QUARTER
from presets.folders import find, glance
from realtime.controls import ROOT
from realtime.settings import Settings
from realtime.stage.hearing import RATE
from realtime.stage.house import IN, OUT, House
from realtime.stage.rig import stage
from realtime.stage.scenario import Figure, Finding, percentile
from realtime.stage.stamped import Planned, Stamps

TURNS = 2000
GAP = (0.08, 0.16)  # s between two: each has its plan before the next
PRESET = "bach"
BPM = 120
TICKS = BPM * TICKS_PER_QUARTER / 60  # a second
LAST = 2 / 24  # of a window, its last two steps: nothing is left there for a knob to change
TUNE = tuple((n * RATE // 5, 60 + n * 5 % 17, RATE // 8) for n in range(15))


def measure(share: float) -> Finding:
    """Somebody plays, the song rolls, and knobs are turned at irregular times."""
    with stage() as jack:
        house = House(jack, Settings(preset=PRESET))
        peer = jack.peer()
        peer.connect(peer.keys, IN)
        peer.connect(OUT, peer.port)
        peer.strike(3 * RATE, *TUNE)
        time.sleep(3 * 4 * 60 / BPM)  # the second window answers the first
        turns = _turn(house, max(30, round(TURNS * share)))
        stamps = house.leave()
    taken, left, missing = pair(turns, stamps)
    return Finding(
        [
            Figure("knob to plan, p50", percentile(taken, 50), "ms", 2.0),
            Figure("knob to plan, p99", percentile(taken, 99), "ms", 5.0),
            Figure("turns without a plan", missing, "", 0),
        ],
        {"knob to plan": taken},
        notes=[
            f"{len(taken)} turns of {PRESET}'s knobs while its answers sounded; {left} more, in the"
            " last two steps of a window, have no rest of it to change, and are left out."
        ],
    )


def _turn(house: House, count: int) -> list[float]:
    """When each was turned."""
    chance = random.Random(0)
    knobs = glance(find(PRESET))[1]
    turns: list[float] = []
    for number in range(count):
        turns.append(house.say(f"{ROOT}/knob/{knobs[number % len(knobs)]}", chance.uniform(-1, 1)))
        time.sleep(chance.uniform(*GAP))
    return turns


def pair(turns: Sequence[float], stamps: Stamps) -> tuple[list[float], int, int]:
    """Milliseconds from each turn to its plan; turns left out; turns that have none."""
    tick_0 = (s.due - s.tick / TICKS for s in stamps.sent if s.due and s.tick is not None)
    beginning = min(tick_0, default=math.nan)
    taken: list[float] = []
    left = missing = 0
    for turn, following in pairwise([*turns, turns[-1] + GAP[0]]):
        plan = next((p for p in stamps.plans if _is_of(p, turn)), None)
        if _is_late((turn - beginning) * TICKS, stamps.plans):
            left += 1
        elif plan is None or plan.time > following:
            missing += 1
        else:
            taken.append((plan.time - turn) * 1e3)
    return taken, left, missing


def _is_of(plan: Planned, turn: float) -> bool:
    """A knob changes the rest of a window: no plan for the whole of one is its doing."""
    return plan.time > turn and plan.since > plan.start


def _is_late(tick: float, plans: Sequence[Planned]) -> bool:
    """Whether a turn at `tick` comes in the last steps of a window."""
    length = plans[0].end - plans[0].start if plans else 1
    return tick % length > (1 - LAST) * length
