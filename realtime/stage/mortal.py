"""A player that may die at any instruction around a send, and an ear for what it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from realtime.ledger import Ledger
from realtime.output import Output
from realtime.ports.plug import PortLost

Key = tuple[int, int]  # channel, pitch


class KilledError(Exception):
    """kill −9: nothing more is done, nothing is closed."""


class FailedError(Exception):
    """A fault in the player's own code: it closes its notes on its way out."""


Death = KilledError | FailedError | PortLost


class Ear:
    """What was sent, note by note, and what must not have been."""

    def __init__(self) -> None:
        self.sounding: set[Key] = set()
        self.last = b""
        self.counts: Counter[str] = Counter()

    def hear(self, data: bytes) -> None:
        self.last = data
        if data[0] & 0xE0 != 0x80:
            return
        key = data[0] & 0x0F, data[1]
        if data[0] & 0xF0 == 0x80:
            self.sounding.discard(key)
            return
        self.counts["note-ons"] += 1
        self.counts[f"note-ons on channel {key[0] + 1}"] += 1
        self.counts["struck twice"] += key in self.sounding
        self.sounding.add(key)

    def expect_silence(self, channels: Iterable[int] = range(16)) -> None:
        """What sounds on the channels now hangs: its note-off should have come by now."""
        hung = {key for key in self.sounding if key[0] in channels}
        self.counts["unmatched"] += len(hung)
        self.sounding -= hung


class Fuse:
    """Burns down by one with each instruction around a send; at its end the player dies."""

    def __init__(self) -> None:
        self._left = 0
        self._death: Death = KilledError()

    def light(self, instructions: int, death: Death) -> None:
        self._left, self._death = instructions, death

    def put_out(self) -> None:
        self._left = 0

    def burn(self) -> None:
        if self._left:
            self._left -= 1
            if not self._left:
                raise self._death


class MortalLedger(Ledger):
    """Its owner may die before a mark is made, and before it is taken away."""

    def __init__(self, path: str, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    def mark(self, channel: int, pitch: int) -> None:
        self._fuse.burn()
        super().mark(channel, pitch)

    def unmark(self, channel: int, pitch: int) -> None:
        self._fuse.burn()
        super().unmark(channel, pitch)


def mortal_output(ledger: MortalLedger, fuse: Fuse, ear: Ear) -> Output:
    """Its owner may also die between the mark and the send, and right after the send."""

    def send(data: bytes) -> None:
        fuse.burn()
        ear.hear(data)
        fuse.burn()

    return Output(send, ledger)
