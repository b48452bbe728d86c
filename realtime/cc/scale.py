"""What a controller's number means to a control, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass

from realtime.cc.mapping import Binding
from realtime.controls import Address

Setting = float | int | str


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to `top` for the whole of a control's range, or a part of it."""

    top: int
    low: float
    high: float
    steps: tuple[Setting, ...] = ()  # of menus and whole numbers: a field of the way for each

    @staticmethod
    def of(row: Address, binding: Binding) -> Scale:
        low = row.low if binding.low is None else min(max(binding.low, row.low), row.high)
        high = row.high if binding.high is None else min(max(binding.high, row.low), row.high)
        return Scale(binding.top, low, high, _steps(row, round(low), round(high)))

    def value(self, raw: int) -> Setting:
        if self.steps:
            return self.steps[raw * len(self.steps) // (self.top + 1)]
        return self.low + (self.high - self.low) * self._share(raw)

    def raw(self, value: Setting) -> int | None:
        """Where a knob stands that says so; None: it cannot."""
        place = self.place(value)
        return None if place is None else round(place)

    def place(self, value: Setting) -> float | None:
        """The same, between two numbers too."""
        if self.steps:
            among = max(len(self.steps) - 1, 1)
            return self.steps.index(value) * self.top / among if value in self.steps else None
        if isinstance(value, str) or self.low == self.high:
            return None
        return self._at(min(max((value - self.low) / (self.high - self.low), 0.0), 1.0))

    def agrees(self, raw: int, value: Setting) -> bool:
        """Whether a knob at `raw` stands where `value` is, as finely as it can."""
        return self.value(raw) == value or self.raw(value) == raw

    # 64 of 127, the middle of MIDI, is the middle of what goes as far down as up: neutral is there

    @property
    def _centre(self) -> float:
        return (self.top + 1) / 2 if self.low == -self.high else self.top / 2

    def _share(self, raw: int) -> float:
        centre = self._centre
        if raw <= centre:
            return raw / centre / 2
        return 0.5 + (raw - centre) / (self.top - centre) / 2

    def _at(self, share: float) -> float:
        centre = self._centre
        if share <= 0.5:
            return share * 2 * centre
        return centre + (share - 0.5) * 2 * (self.top - centre)


def _steps(row: Address, low: int, high: int) -> tuple[Setting, ...]:
    if row.kind == "menu":
        return row.options
    if row.kind != "i":
        return ()
    return tuple(range(low, high + 1)) if low <= high else tuple(range(low, high - 1, -1))
