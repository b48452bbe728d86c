"""What the engine tells of all counters, and when. Times are said, not waited for."""

from __future__ import annotations

from realtime.events import Report
from realtime.tally import LOG_EVERY, Tally


def test_nothing_is_told_before_anything_happened() -> None:
    tally = Tally(lambda: {"late": 1.0})
    assert tally.next is None
    assert tally.tell(99.0) == {}


def test_it_is_told_at_once_then_once_a_second_and_once_more_when_all_is_still() -> None:
    count = {"osc_rejected": 0.0, "dropped": 0.0}
    tally = Tally(lambda: count)
    told: list[tuple[float, float]] = []
    for tenth in range(60):
        now = tenth / 10
        if tenth < 25:
            count["osc_rejected"] += 1
            tally.stir(now)
        if counts := tally.tell(now):
            told.append((now, counts["osc_rejected"]))
    assert told == [(0.0, 1), (1.0, 11), (2.0, 21), (3.0, 25)]
    assert tally.next is None


def test_who_waits_knows_until_when() -> None:
    tally = Tally(lambda: {"dropped": 0.0})
    tally.stir(5.0)
    assert tally.next == 5.0
    assert tally.tell(5.0)
    tally.stir(5.2)
    tally.stir(5.4)
    assert tally.next == 6.0


def test_what_the_others_told_last_is_told_beside_its_own() -> None:
    tally = Tally(lambda: {"osc_late": 3.0, "dropped": 1.0})
    tally.hear(Report({"late": 1.0, "dropped": 10.0}))
    tally.hear(Report({"late": 2.0, "dropped": 20.0}))
    tally.hear(Report({"reconnects": 4.0, "dropped": 300.0}, of="household"))
    assert tally.all() == {"osc_late": 3, "late": 2, "reconnects": 4, "dropped": 321}


def test_a_line_for_the_log_is_due_every_ten_seconds() -> None:
    tally = Tally(lambda: {"dropped": 0.0})
    due = [second for second in range(35) if tally.logs(float(second))]
    assert due == [0, LOG_EVERY, 2 * LOG_EVERY, 3 * LOG_EVERY]
