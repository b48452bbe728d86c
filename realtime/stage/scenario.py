"""What is measured on stage: figures beside their marks, the samples behind them, and the table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; `must` is the most it may be, or the least where `at_least`."""

    what: str
    value: float
    unit: str  # "ms", "%", ""
    must: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the mark is reached; None where there is none."""
        if self.must is None:
            return None
        return self.value >= self.must if self.at_least else self.value <= self.must


@dataclass(frozen=True, slots=True)
class Finding:
    """What one scenario found. No figures: it could not be measured, and the notes say why.

    `samples` are drawn: name -> values, all in one unit.
    """

    figures: Sequence[Figure]
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    unit: str = "ms"  # of the samples
    notes: Sequence[str] = ()  # sentences below the table


@dataclass(frozen=True, slots=True)
class Scenario:
    """`measure(share)` of the module gives a `Finding`; 1.0 is the length that is reported."""

    title: str
    module: str  # of this package; imported only when it is measured


SCENARIOS: dict[str, Scenario] = {
    "thru": Scenario("Keys passed on", "thru"),
    "send": Scenario("Notes sent at their times, under load", "send"),
    "knob": Scenario("From a knob to the plan that it changes", "knob"),
    "panel": Scenario("From a key in the panel to the plan that it changes", "panel"),
    "follow": Scenario("In phase with an outer clock", "follow"),
    "storm": Scenario("A million random events and kills", "storm"),
    "hour": Scenario("An hour of playing at delay 1", "hour"),
    "soak": Scenario("Eight hours' worth of floods", "soak"),
    "deluge": Scenario("A hundred thousand OSC messages a second", "deluge"),
    "fuzz": Scenario("A million cases of bytes", "fuzz"),
    "unplug": Scenario("Unplugged and plugged in again", "unplug"),
    "killed": Scenario("Killed while playing", "killed"),
}


def percentile(values: Sequence[float], p: float) -> float:
    """The value that `p` of 100 do not exceed; NaN where there are none."""
    ranked = sorted(values)
    return ranked[min(int(len(ranked) * p / 100), len(ranked) - 1)] if ranked else math.nan


def spread(values: Sequence[float]) -> float:
    """p99 − p50: how loosely they lie, whatever is constant in them."""
    return percentile(values, 99) - percentile(values, 50)


def from_median(values: Sequence[float]) -> list[float]:
    middle = percentile(values, 50)
    return [value - middle for value in values]
