"""`--knob`: what a person writes, and the knob's way through a file.

NAME=+0.6 is an offset, NAME=p0.8 a percentile of the style, NAME==7 a value in the attribute's own
units. NAME=-1@1,+1@9 moves in a straight line from the first bar to the ninth; before its first
point and after its last a knob stands still.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from presets.bar import Meter
from presets.errors import GlissarError
from realtime.controls import ROOT
from realtime.events import Control
from realtime.state import Knob
from realtime.traversals.slide import RANGES

_POINT = re.compile(r"(p?)([+-]?\d*\.?\d+)(?:@(\d+))?")
LAST_BAR = 9999
HOW = (
    "write --knob density=+0.6, density=p0.8, density==7, or density=-1@1,+1@9 to move between bars"
)


@dataclass(frozen=True, slots=True)
class Automation:
    """A knob's points (bar from 1, number), in order of bar."""

    name: str
    reading: str
    points: tuple[tuple[int, float], ...]

    @property
    def start(self) -> Knob:
        return self.reading, self.points[0][1]

    def controls(self, meter: Meter, shift: int) -> Iterator[Control]:
        """The turns of the knob, one a beat while it moves, `shift` ticks after the file's time."""
        suffix = "" if self.reading == "offset" else f"/{self.reading}"
        address, last = f"{ROOT}/knob/{self.name}{suffix}", self.points[0][1]
        first, final = self.points[0][0] - 1, self.points[-1][0] - 1
        for beat in range(first * meter.beats, final * meter.beats + 1):
            number = self._at(1 + beat / meter.beats)
            if number != last:
                yield Control(beat * meter.beat_ticks + shift, ((address, (number,)),))
                last = number

    def _at(self, bar: float) -> float:
        for (left, a), (right, b) in zip(self.points, self.points[1:], strict=False):
            if left <= bar < right:
                return a + (b - a) * (bar - left) / (right - left)
        return self.points[-1][1]


def parse_all(texts: Sequence[str], knobs: Sequence[str]) -> list[Automation]:
    """Read every --knob. Raises GlissarError."""
    automations = [parse(text, knobs) for text in texts]
    for name in knobs:
        if sum(a.name == name for a in automations) > 1:
            raise GlissarError(f"--knob {name} is given twice; {HOW}.")
    return automations


def parse(text: str, knobs: Sequence[str]) -> Automation:
    """Read one --knob. Raises GlissarError."""
    name, equals, rest = text.partition("=")
    if not equals:
        raise GlissarError(f"--knob {text} says no number; {HOW}.")
    if name not in knobs:
        raise GlissarError(f"there is no knob {name}; this preset has {', '.join(knobs)}.")
    plain = "value" if rest.startswith("=") else "offset"
    points = [_point(part, plain, text) for part in rest.removeprefix("=").split(",")]
    readings, bars = {reading for reading, _, _ in points}, [bar for _, bar, _ in points]
    if len(readings) != 1 or bars != sorted(set(bars)):
        raise GlissarError(f"--knob {text} mixes readings or repeats bars; {HOW}.")
    return Automation(name, readings.pop(), tuple((bar, number) for _, bar, number in points))


def _point(part: str, plain: str, text: str) -> tuple[str, int, float]:
    """Reading, bar and number; `plain` is the reading of a number alone."""
    match = _POINT.fullmatch(part.strip())
    if not match:
        raise GlissarError(f"--knob {text} is not understood; {HOW}.")
    reading = "target" if match[1] else plain
    number, bar = float(match[2]), int(match[3] or 1)
    low, high = RANGES[reading]
    if not low <= number <= high or not 1 <= bar <= LAST_BAR:
        raise GlissarError(
            f"--knob {text} is out of range: an offset goes from -1 to 1, a percentile from p0 to "
            f"p1, a value from -127 to 127, bars count from 1 to {LAST_BAR}."
        )
    return reading, bar, number
