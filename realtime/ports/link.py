"""An Ableton Link session, by aalink: the only module that knows it, and it is an extra (GPL-3).

aalink keeps the session in threads of its own. Ours looks fifty times a second where it is, and
hands that over with the time; nobody waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Protocol

from presets.errors import GlissarError
from realtime.events import Trouble
from realtime.inbox import Inbox
from realtime.linked import Beat, JoinSession, LeaveSession, Order, SetPlaying, SetSessionTempo

MISSING = "Ableton Link needs aalink: pip install '.[link]'."
LOOK = 0.05  # s between two looks; Link itself tells of changes no more often than that
# Of two sessions that began within half a second Link takes one by chance, and with it the tempo of
# all. Ours begins no earlier than it looks for others, and theirs may have begun only when we left.
PAUSE = 1.0  # s
SEARCH = 2.0  # s in which a session that is there has been found; after that we have our own
EXACT = 2e-4  # s that a look may take; a thread that was held up looks again
LOOKS = 3  # at the most, for one of them that is exact


class Link(Protocol):
    """What glissar uses of aalink.Link, which has no stubs."""

    enabled: bool
    start_stop_sync_enabled: bool
    quantum: float
    tempo: float
    playing: bool

    @property
    def beat(self) -> float: ...
    @property
    def num_peers(self) -> int: ...


def installed() -> bool:
    return find_spec("aalink") is not None


def load() -> Any:
    """The library. Raises GlissarError where it is missing or does not load."""
    try:
        import aalink  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
    except ModuleNotFoundError as error:
        raise GlissarError(MISSING) from error
    except ImportError as error:
        raise GlissarError(f"aalink does not load ({error}); install it anew.") from error
    return aalink  # pyright: ignore[reportUnknownVariableType]


class LinkPort:
    """`hear` is told where the session is, from a thread that is there from the first join on."""

    def __init__(self, hear: Callable[[Beat], None], fail: Callable[[Trouble], None]) -> None:
        self._hear = hear
        self._fail = fail
        self._orders: Inbox[Order] = Inbox(256)
        self._thread: threading.Thread | None = None
        self._link: Link | None = None
        self._next: float | None = None  # the time of the next look
        self._known = 0.0  # the time from which the session is known, whether somebody is there

    def say(self, order: Order) -> None:
        """Have it done. It never waits."""
        self._orders.put(order)
        if self._thread is None and isinstance(order, JoinSession):
            self._thread = threading.Thread(target=self._run, daemon=True, name="link")
            self._thread.start()

    def _run(self) -> None:
        while True:
            order = self._orders.take(self._next)
            if order is not None:
                self._do(order)
            elif self._link is not None:
                self._look(self._link)

    def _do(self, order: Order) -> None:
        match order:
            case JoinSession():
                self._join(order)
            case LeaveSession():
                self._link = self._next = None
            case SetSessionTempo(bpm) if self._link is not None:
                self._link.tempo = bpm
            case SetPlaying(on) if self._link is not None:
                self._link.playing = on
            case _:
                pass

    def _join(self, order: JoinSession) -> None:
        try:
            self._link = _peer(load(), order.bpm)
        except GlissarError as error:
            self._fail(Trouble("link", str(error)))
            return
        self._link.quantum = order.bar
        self._link.start_stop_sync_enabled = True
        self._next = time.monotonic() + PAUSE

    def _look(self, link: Link) -> None:
        now = time.monotonic()
        self._next = now + LOOK
        if not link.enabled:
            link.enabled = True
            self._known = now + SEARCH
        elif link.num_peers or now >= self._known:
            self._known = now
            self._hear(look(link))


def _peer(library: Any, bpm: float) -> Link:
    """One that nobody sees yet. aalink asks for a running event loop, on which nothing ever runs
    that we use of it."""
    import asyncio  # which takes its time, and is wanted here alone

    async def make() -> Link:
        return library.Link(bpm)

    return asyncio.run(make())


def look(link: Link) -> Beat:
    """Where the session is. Its clock is not ours: the time is that of the look itself."""
    looks = 0
    while True:
        before = time.monotonic()
        beat = link.beat
        after = time.monotonic()
        looks += 1
        if after - before < EXACT or looks == LOOKS:
            return Beat((before + after) / 2, beat, link.tempo, link.playing, link.num_peers)
