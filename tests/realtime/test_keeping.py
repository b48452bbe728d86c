"""When a state is handed on."""

from __future__ import annotations

from realtime.keeping import KEEP_EVERY, Keeping
from realtime.state import State


def test_what_has_changed_is_kept_soon_and_not_with_every_step() -> None:
    first, second, third = State(), State(delay=2), State(delay=3)
    keeping = Keeping(first)
    assert keeping.next(first) is None
    assert not keeping.keeps(first, 100.0)
    assert keeping.keeps(second, 100.0)
    assert not keeping.keeps(third, 100.0 + KEEP_EVERY / 2)
    assert keeping.kept is second
    assert keeping.next(third) == 100.0 + KEEP_EVERY
    assert keeping.keeps(third, 100.0 + KEEP_EVERY)
    assert keeping.kept is third
    assert keeping.next(third) is None
