"""The player, with a stamp on all that comes in and goes out.

    python -m realtime.stage.stamped FILE

It is `realtime.player` itself: a stamp is taken where a message is handed to the MIDI library, and
where a plan has been taken in. They stay in memory, and go to FILE (msgpack, `Stamps`) at the end.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field, msgpack

from realtime import player
from realtime.events import Play, ToPlayer
from realtime.ledger import Ledger
from realtime.output import Output
from realtime.performance import Performance


class Came(Struct, frozen=True, array_like=True):
    """A message as the driver's callback had it. Times are monotonic seconds."""

    time: float
    data: bytes


class Sent(Struct, frozen=True, array_like=True):
    """A message at the call of `send`; one that had a tick was due then."""

    time: float
    data: bytes
    tick: int | None = None
    due: float | None = None


class Planned(Struct, frozen=True, array_like=True):
    """A plan that the player has taken in, and the ticks of its window."""

    time: float
    start: int
    end: int
    since: int


class Stamps(Struct):
    came: list[Came] = field(default_factory=list[Came])
    sent: list[Sent] = field(default_factory=list[Sent])
    plans: list[Planned] = field(default_factory=list[Planned])

    @staticmethod
    def read(path: Path) -> Stamps:
        return msgpack.decode(path.read_bytes(), type=Stamps)


STAMPS = Stamps()
waiting: deque[tuple[bytes, int, float]] = deque()  # said, and sent next: message, tick, due


class StampedOutput(Output):
    def __init__(self, send: Callable[[bytes], None], ledger: Ledger) -> None:
        def stamped(message: bytes) -> None:
            now = time.monotonic()
            send(message)
            tick = due = None
            if waiting and waiting[0][0] is message:
                _, tick, due = waiting.popleft()
            STAMPS.sent.append(Sent(now, message, tick, due))

        super().__init__(stamped, ledger)


class StampedPerformance(Performance):
    """A plan that comes after its own time is due when it comes, not before."""

    _came = -math.inf  # the time of a plan that came just now, where nothing else was due

    def arrive(self, stamp: float, data: bytes, now: float, place: int = 0) -> None:
        STAMPS.came.append(Came(stamp, data))
        super().arrive(stamp, data, now, place)

    def said(  # pyright: ignore[reportIncompatibleVariableOverride]: it dispatches as before
        self, message: ToPlayer, now: float
    ) -> None:
        ripe = self._next_tick() <= self.map.tick_at(now)
        super().said(message, now)
        if isinstance(message, Play):
            plan = message.plan
            STAMPS.plans.append(Planned(time.monotonic(), plan.start, plan.end, plan.since))
            self._came = -math.inf if ripe else now

    def act(self, now: float) -> None:
        waiting.clear()  # what was passed over, after standing still, is not sent
        super().act(now)
        self._came = -math.inf

    def _say(self, tick: int) -> list[bytes]:
        messages = super()._say(tick)
        due = max(self.map.time_at(tick), self._came)
        waiting.extend((message, tick, due) for message in messages)
        return messages


def main() -> int:
    player.Performance, player.Output = StampedPerformance, StampedOutput
    code = player.main()
    Path(sys.argv[1]).write_bytes(msgpack.encode(STAMPS))
    return code


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # as the player does
