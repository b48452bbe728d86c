"""What is measured on stage: figures beside their marks, the samples behind them, and the table."""

from __future__ import annotations

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
    """What one scenario found. `samples` are drawn: name -> values, all in one unit."""

    figures: Sequence[Figure]
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    unit: str = "ms"  # of the samples
    notes: Sequence[str] = ()  # sentences below the table


@dataclass(frozen=True, slots=True)
class Scenario:
    """`measure(share)` of the module gives a `Finding`; 1.0 is the length that is reported."""

    title: str
    module: str  # imported only when it is measured


SCENARIOS: dict[str, Scenario] = {
    "storm": Scenario("A million random events and kills", "realtime.stage.storm"),
    "hour": Scenario("An hour of playing at delay 1", "realtime.stage.hour"),
    "soak": Scenario("Eight hours' worth of floods", "realtime.stage.soak"),
    "fuzz": Scenario("A million cases of bytes", "realtime.stage.fuzz"),
    "unplug": Scenario("Unplugged and plugged in again", "realtime.stage.unplug"),
    "killed": Scenario("Killed while playing", "realtime.stage.killed"),
}
