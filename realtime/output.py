"""The way out: everything that is sent passes here, so that everything can be closed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from realtime.ledger import KEYS, Ledger

MEMORY = 0.030  # s for which our own output is known when it comes back
UNHEARD = 1.0  # s before a loss is noticed in which what was sent may not have arrived
SUSTAIN, SOUND_OFF, NOTES_OFF = 64, 120, 123  # controllers
OUTPUT = -1  # its place among the ports; the inputs are 0, 1, …
CENTRE = bytes((0, 64))  # of a pitch bend: 8192 of 16383


class Output:
    """Keeps the ledger, and remembers what it sent just now.

    `send` sends one message, and may raise: a mark in the ledger is then one note-off too many.
    """

    def __init__(self, send: Callable[[bytes], None], ledger: Ledger) -> None:
        self._send = send
        self._ledger = ledger
        self._recent: deque[tuple[float, bytes]] = deque(maxlen=256)
        self._closed: deque[tuple[float, int, int]] = deque(maxlen=256)  # (when, channel, pitch)
        self._owed: set[tuple[int, int]] = set()  # (channel, pitch) whose note-off may be lost

    def say(self, messages: Iterable[bytes], now: float) -> None:
        for message in messages:
            kind, channel = message[0] & 0xF0, message[0] & 0x0F
            if kind == 0x90:
                self._ledger.mark(channel, message[1])
            self._send(message)
            if kind == 0x80:
                self._ledger.unmark(channel, message[1])
                self._closed.append((now, channel, message[1]))
            self._recent.append((now, message))

    def said(self, message: bytes, now: float) -> bool:
        """Whether the same was sent in the last 30 ms: then it is our own voice that came back."""
        while self._recent and self._recent[0][0] < now - MEMORY:
            self._recent.popleft()
        return any(message == sent for _, sent in self._recent)

    def cut(self, now: float) -> None:
        """Whoever listens was unplugged, up to `UNHEARD` ago: what sounded may go on sounding."""
        self._owed.update(self._ledger.sounding())
        self._owed.update((c, pitch) for when, c, pitch in self._closed if now - when < UNHEARD)

    def mend(self, now: float) -> None:
        """It is there again: close there what was closed here meanwhile, and lift the pedals."""
        owed = sorted(self._owed.difference(self._ledger.sounding()))
        self.say((bytes((0x80 | c, pitch, 64)) for c, pitch in owed), now)
        self.control((SUSTAIN,), sorted({c for c, _ in self._owed}), now)
        self._owed.clear()

    def close_all(self, now: float) -> None:
        """A note-off for every note that may sound, whoever struck it."""
        self.say((bytes((0x80 | c, pitch, 64)) for c, pitch in self._ledger.sounding()), now)

    def every_key(self, channels: Iterable[int], now: float) -> None:
        """A note-off for each of 128 keys: for what heeds no controller, and none of our ledger."""
        self.say((bytes((0x80 | c, key, 64)) for c in channels for key in range(KEYS)), now)

    def centre(self, channels: Iterable[int], now: float) -> None:
        self.say((bytes((0xE0 | c, *CENTRE)) for c in channels), now)

    def control(self, controllers: Iterable[int], channels: Iterable[int], now: float) -> None:
        """Controllers at zero on each of the channels."""
        numbers = list(controllers)
        self.say((bytes((0xB0 | c, n, 0)) for c in channels for n in numbers), now)
