"""A song goes on: what a new engine begins with, and what a new player is told again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from presets.encoding import Grid
from realtime.events import Play, Rolling, Wake
from realtime.slot import Slot


def first(event: Rolling, grid: Grid, delay: int) -> int:
    """The window to begin with: the one that begins, or, where what was played is told again, the
    one whose answer sounds now."""
    here = (event.tick + grid.lead) // grid.length
    if event.since is None:
        return here
    return max(event.tick // grid.length - delay, (event.since + grid.lead) // grid.length)


def plans(slots: Iterable[Slot], tick: int, edited: str, song: int) -> Iterator[Play | Wake]:
    """What sounds at `tick` or later, for a player that has no plan; what the model is still asked
    for will come."""
    for slot in slots:
        if slot.end > tick and slot.flying is None:
            heard = slot.heard(slot.decided, edited) if slot.decided else slot.taken.window
            yield Play(slot.plan(heard), song=song)
        if slot.settles >= 0:
            yield Wake(slot.settles)
