"""Which controller turns which control. All of it is values: a change makes another map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from realtime.controls import Address

Relative = Literal["signed", "offset"]  # see endless
Key = tuple[int, int]  # channel, 0 to 15 as on the wire; controller

APART = 32  # of 14 bits the upper seven come by one controller, the lower by another so far above
PAIRED = 32  # controllers below this may have such another
CONTROLLERS = 120  # those above are modes of a channel
MOST = 256  # bindings
KINDS = ("f", "i", "menu", "trigger")  # of controls that can be turned


class Binding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One control, and what turns it."""

    address: Annotated[str, Meta(pattern="^/glissar/[^ ]+$", max_length=200)]
    channel: Annotated[int, Meta(ge=1, le=16)]
    controller: Annotated[int, Meta(ge=0, lt=CONTROLLERS)]
    fine: bool = False  # 14 bits, by this controller and the one 32 above it
    relative: Relative | None = None  # it has no ends, and says how far it was turned
    low: float | None = None  # the value at its one end; none: the control's lowest
    high: float | None = None  # … and at the other, which may be less

    def __post_init__(self) -> None:
        if self.fine and self.controller >= PAIRED:
            raise ValueError(f"a controller of 14 bits is below {PAIRED}")
        if self.fine and self.relative:
            raise ValueError("a controller without ends has no 14 bits")
        if self.low is not None and self.low == self.high:
            raise ValueError("low and high are the same")

    @property
    def keys(self) -> tuple[Key, ...]:
        """The upper seven bits' first."""
        upper = (self.channel - 1, self.controller)
        return (upper, (upper[0], upper[1] + APART)) if self.fine else (upper,)

    @property
    def top(self) -> int:
        """The most it says."""
        return 16_383 if self.fine else 127

    def __str__(self) -> str:
        numbers = "/".join(str(number) for _, number in self.keys)
        return f"{self.channel}:{numbers} {self.address}"

    def messages(self, raw: int) -> list[bytes]:
        """What says that it stands at `raw`."""
        parts = (raw >> 7, raw & 127) if self.fine else (raw,)
        return [
            bytes((0xB0 | channel, number, part))
            for (channel, number), part in zip(self.keys, parts, strict=True)
        ]


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A controller turns one control, and a control has one."""

    controllers: Annotated[tuple[Binding, ...], Meta(max_length=MOST)] = ()
    programs: Annotated[tuple[str, ...], Meta(max_length=128)] = ()  # presets by program change

    def __post_init__(self) -> None:
        names = [*self.addresses, *(f"controller {c + 1}:{number}" for c, number in self.keys)]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{twice} is there twice")

    @property
    def addresses(self) -> list[str]:
        return [binding.address for binding in self.controllers]

    @property
    def keys(self) -> list[Key]:
        return [key for binding in self.controllers for key in binding.keys]

    def bound(self, binding: Binding) -> Mapping:
        """With this one, in place of those that it does not go with."""
        others = (b for b in self.controllers if not _clash(b, binding))
        return replace(self, controllers=(*others, binding)[-MOST:])

    def forget(self, address: str) -> Mapping:
        others = (b for b in self.controllers if b.address != address)
        return replace(self, controllers=tuple(others))

    def program(self, number: int, presets: Sequence[str]) -> str | None:
        """The preset that a program change asks for: of the map's, or of all, in their order."""
        listed = self.programs or presets
        return listed[number] if number < len(listed) else None


def _clash(one: Binding, other: Binding) -> bool:
    return one.address == other.address or bool({*one.keys} & {*other.keys})


def can_be_turned(row: Address | None) -> bool:
    return row is not None and row.writable and row.kind in KINDS
