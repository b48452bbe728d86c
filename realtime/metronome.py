"""Clicks on the beat: the count-in before tick 0, and the metronome after it when it is wanted."""

from __future__ import annotations

from presets.bar import Meter

ACCENT, BEAT = 76, 77  # General MIDI's high and low wood block
LENGTH = 60  # ticks


class Metronome:
    """Says its clicks as `Schedule` says its notes. `channel` is 0 to 15."""

    def __init__(self, meter: Meter, channel: int, on: bool) -> None:
        self.meter = meter
        self.channel = channel
        self.on = on
        self._beat: int | None = None  # the tick of the next click
        self._sounding: tuple[int, int] | None = None  # (pitch, the tick it ends)

    def locate(self, tick: int) -> None:
        """The song rolls from `tick` on."""
        beats = -(-tick // self.meter.beat_ticks)
        self._beat = self._wanted(beats * self.meter.beat_ticks)

    def next_tick(self) -> int | None:
        ticks = [t for t in (self._beat, self._sounding and self._sounding[1]) if t is not None]
        return min(ticks, default=None)

    def due(self, tick: int) -> list[bytes]:
        said: list[bytes] = []
        while (now := self.next_tick()) is not None and now <= tick:
            said += self._say(now)
        return said

    def silence(self) -> list[bytes]:
        """Close what sounds; the next click comes."""
        return self._off()

    def close_all(self) -> list[bytes]:
        self._beat = None
        return self._off()

    def _say(self, tick: int) -> list[bytes]:
        said = self._off()
        if self._beat == tick:
            pitch = BEAT if tick % self.meter.bar_ticks else ACCENT
            said.append(bytes((0x90 | self.channel, pitch, 100)))
            self._sounding = pitch, tick + LENGTH
            self._beat = self._wanted(tick + self.meter.beat_ticks)
        return said

    def _wanted(self, tick: int) -> int | None:
        return tick if self.on or tick < 0 else None

    def _off(self) -> list[bytes]:
        if self._sounding is None:
            return []
        pitch, _ = self._sounding
        self._sounding = None
        return [bytes((0x80 | self.channel, pitch, 64))]
