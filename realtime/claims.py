"""The player's part of a controller: which messages are the engine's, and what knobs are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from realtime.events import Claim, Turned
from realtime.keys import PROGRAM

CONTROLLER, RINGS = -2, -3  # places among the ports: knobs alone, and the way back to them


class Claims:
    """`tell` speaks to the engine. `program_channel` is 1 to 16, or 0; `barred` are controllers
    that nothing is learnt of: they are the player's own."""

    def __init__(
        self, tell: Callable[[Turned], None], program_channel: int, barred: Iterable[int]
    ) -> None:
        self._tell, self._barred = tell, frozenset(barred)
        self._program = PROGRAM | (program_channel - 1) if program_channel else None
        self.claim = Claim()
        self._keys: frozenset[tuple[int, int]] = frozenset()

    def set(self, claim: Claim) -> None:
        self.claim, self._keys = claim, frozenset(claim.controllers)

    def take(self, stamp: float, data: bytes, place: int) -> bool:
        """Whether a channel message goes no further: it is the engine's, or came by a port that has
        knobs alone."""
        kind, alone = data[0] & 0xF0, place == CONTROLLER
        if kind == 0xB0 and data[1] in self._barred:
            return False
        if kind == PROGRAM:
            claimed = alone or data[0] == self._program
        else:
            claimed = kind == 0xB0 and (data[0] & 0x0F, data[1]) in self._keys
        if claimed or (kind == 0xB0 and self.claim.learning):
            self._tell(Turned(stamp, data))
        return claimed or alone


class Rings:
    """What a controller was told last, to be told again when it comes back."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._last: dict[bytes, bytes] = {}  # by status and controller

    def show(self, messages: Iterable[bytes]) -> None:
        for message in messages:
            self._last.pop(message[:2], None)  # the order stays that in which they were told
            self._last[message[:2]] = message
            self._send(message)

    def again(self) -> None:
        for message in self._last.values():
            self._send(message)
