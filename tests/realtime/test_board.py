"""What a listener has been told, in the words that are shown."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.board import FRESH, Board, Line, plain


def board(*told: tuple[str, Any], now: float = 0.0) -> Board:
    heard = Board()
    for name, args in told:
        heard.hear(f"/glissar/{name}", args if isinstance(args, tuple) else (args,), now)
    return heard


def test_a_board_that_heard_nothing_is_empty() -> None:
    empty = Board()
    assert not empty
    assert (empty.text("mode"), empty.rolling, empty.trouble) == ("–", False, "")
    assert (empty.knobs(), empty.constraints(), empty.gauges("lost", 0.0)) == ([], [], [])


def test_a_knob_stands_as_it_was_turned_last() -> None:
    heard = board(
        *(("knob/range", 0.5), ("knob/density", -0.25), ("knob/density/target", 0.8)),
        *(("knob/range/value", 7.0), ("knob/rhythm/value", 0.31640625)),
    )
    assert heard.knobs() == [
        *(Line("density", "p80", "–"), Line("range", "+0.50", "7"), Line("rhythm", "–", "0.316"))
    ]
    heard.hear("/glissar/knob/density", (0.0,), 1.0)
    assert heard.knobs()[0] == Line("density", "+0.00", "–")


def test_constraints_and_how_sure_it_is_of_the_style() -> None:
    heard = board(
        *(("constrain/scale", "major"), ("constrain/scale/amount", 0.5)),
        *(("realism/guard", 1.0), ("realism", 0.87)),
    )
    assert heard.constraints() == [
        *(Line("scale", "major"), Line("scale/amount", "0.5"), Line("realism", "1", "0.87"))
    ]


def test_the_transport_rolls_or_stands() -> None:
    assert board(("transport/play", 1)).rolling
    assert not board(("transport/play", 0)).rolling


def test_the_last_sentence_of_what_went_wrong() -> None:
    heard = board(("error/last", ("log", "it was full")))
    assert heard.trouble == "it was full"
    heard.hear("/glissar/error", ("bad-value", "take a number"), 1.0)
    assert heard.trouble == "take a number"


def test_losses_that_there_are_not_are_told_in_one_line() -> None:
    heard = board(("state/late", 0.0), ("state/osc_late", 2.0), ("state/malformed", 0.0))
    assert heard.gauges("lost", 0.0) == [
        *(Line("late", "0"), Line("osc_late", "2", alarm="old"), Line("others", "0"))
    ]


def test_a_loss_is_news_for_a_minute_and_never_forgotten() -> None:
    heard = board(("state/late", 0.0))
    heard.hear("/glissar/state/late", (1.0,), 100.0)
    alarms = [heard.gauges("lost", now)[0].alarm for now in (100.0, 99.9 + FRESH, 100.1 + FRESH)]
    assert alarms == ["now", "now", "old"]


def test_a_loss_from_before_it_listened_is_no_news() -> None:
    assert board(("state/reconnects", 3.0)).gauges("back", 0.0)[0].alarm == "old"


def test_a_time_over_its_mark_is_news_as_long_as_it_is() -> None:
    heard = board(("state/jitter_p99", 2.5), ("state/thru_p99", 0.3))
    assert [line.alarm for line in heard.gauges("ms", 1e6)] == ["none", "now"]


@pytest.mark.parametrize("args", [(), ("x",), (1.0, 2.0), (None,)])
def test_what_is_no_number_is_no_gauge(args: tuple[Any, ...]) -> None:
    assert board(("state/late", args)).gauges("lost", 0.0) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((3.0, "3"), (0.20000000298, "0.2"), (12.3456, "12.3"), (-0.5, "-0.5")),
        *((1e6, "1,000,000"), (1234.56, "1,235"), (7, "7")),
        *((float("inf"), "inf"), (float("nan"), "nan")),
        *(("freeze", "freeze"), ("a\x1b[31m\nb", "a?[31m?b"), (None, "None")),
    ],
)  # fmt: skip
def test_values_are_in_as_many_figures_as_one_reads(value: object, text: str) -> None:
    assert plain(value) == text
