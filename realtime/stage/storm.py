"""Random events by the million at a household, kills among them: no note may be left sounding.

A night is one household from its start to its end, made by its number: `night(models, 7, 2000)`
happens again as it did.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from random import Random

from presets.preset import read_named
from realtime.model import Model
from realtime.stage.scenario import Figure, Finding
from realtime.stage.weather import Storm

EVENTS = 1_000_000
LENGTH = 2_000  # events of one night
PRESETS = "bach", "session", "bach-2", "session-2", "session-16"
SWAPS = "presets swapped", "of them swapped back"
FAULTS = "unmatched", "struck twice", "not in the ledger", "left to nobody"


def measure(share: float) -> Finding:
    """About EVENTS × `share` of them, in nights of `LENGTH`."""
    models = [Model(read_named(name)) for name in PRESETS]
    counts: Counter[str] = Counter()
    failed: list[int] = []
    for number in range(math.ceil(share * EVENTS / LENGTH)):
        found = night(models, number, LENGTH)
        counts += found
        failed += [number] if any(found[fault] for fault in FAULTS) else []
    told = ("events", "kills", *SWAPS, "clocks", "windows", "note-ons")
    figures = [Figure(name, counts[name], "") for name in told]
    figures.append(Figure("of them answers", counts["note-ons on channel 2"], ""))
    marks = [Figure(f"note-ons {fault}", counts[fault], "", must=0) for fault in FAULTS]
    note = f"Nights with a fault, by their numbers: {failed}." if failed else ""
    return Finding([*figures, *marks], notes=[note] if note else [])


def night(models: Sequence[Model], number: int, events: int) -> Counter[str]:
    """What was counted in it. Whatever raises says the night's number."""
    storm = Storm(models, Random(number))
    try:
        storm.rage(events)
    except BaseException as error:
        error.add_note(f"in night {number}, after {storm.counts['events']} events")
        raise
    return storm.counts
