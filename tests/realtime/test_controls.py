"""The table of control addresses: what is forgiven, clamped, and refused."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.errors import GlissarError
from realtime.controls import ROOT, STATES, Value, table

TABLE = table(["density", "contour"])


def read(path: str, *args: Any) -> Value:
    return TABLE[f"{ROOT}/{path}"].read(args)


@pytest.mark.parametrize(
    "path",
    [
        *("knob/density", "knob/density/target", "knob/contour", "knob/contour/target"),
        *("mode", "edit", "thru", "delay", "panic", "query", "knob/density/value"),
        *("transport/play", "transport/tempo", "transport/source", "transport/tap"),
    ],
)
def test_the_table_has_the_writable_addresses(path: str) -> None:
    assert TABLE[f"{ROOT}/{path}"].writable


@pytest.mark.parametrize(
    "path",
    [
        *(f"state/{name}" for name in ("bar", "notes", "latency_ms", "jitter_p99", "late")),
        *("state/dropped", "state/log_lost", "preset/name", "error"),
    ],
)
def test_what_is_only_told_cannot_be_set(path: str) -> None:
    with pytest.raises(GlissarError, match=r"only told, never set"):
        read(path, 1)


def test_every_row_says_what_it_is_for() -> None:
    assert all(row.says for row in TABLE.values())
    assert {f"{ROOT}/state/{name}" for name in STATES} <= set(TABLE)


@pytest.mark.parametrize(
    ("path", "given", "value"),
    [
        ("knob/density", 0.25, 0.25),
        ("knob/density", 1, 1.0),
        ("knob/density", 7, 1.0),
        ("knob/density", -7.5, -1.0),
        ("knob/density/target", -0.1, 0.0),
        ("knob/density/target", 1.1, 1.0),
        ("knob/density", 10**400, 1.0),
        ("knob/density", True, 1.0),
        ("knob/density", False, 0.0),
        ("delay", 2, 2),
        ("delay", 2.2, 2),
        ("delay", 0, 1),
        ("delay", 99, 8),
        ("thru", True, 1),
        ("thru", False, 0),
        ("thru", 1.0, 1),
        ("transport/tempo", 5000, 400.0),
        ("transport/tempo", -1, 20.0),
        ("transport/play", 2, 1),
        ("mode", "freeze", "freeze"),
        ("mode", 0, "follow"),
        ("mode", 1, "freeze"),
        ("edit", True, "full"),
        ("transport/source", "clock", "clock"),
        ("query", f"{ROOT}/mode", f"{ROOT}/mode"),
    ],
)
def test_values_are_taken_as_a_musician_means_them(path: str, given: Any, value: Value) -> None:
    taken = read(path, given)
    assert (taken, type(taken)) == (value, type(value))


@pytest.mark.parametrize(
    ("path", "args"),
    [
        ("knob/density", ()),
        ("knob/density", (0.1, 0.2)),
        ("knob/density", (nan,)),
        ("knob/density", (inf,)),
        ("knob/density", (-inf,)),
        ("knob/density", ("loud",)),
        ("knob/density", (None,)),
        ("knob/density", (b"\x00",)),
        ("knob/density", ([0.5],)),
        ("delay", (nan,)),
        ("delay", (inf,)),
        ("delay", ("two",)),
        ("mode", ("backwards",)),
        ("mode", (4,)),
        ("mode", (-1,)),
        ("mode", (0.5,)),
        ("mode", ([],)),
        ("mode", (None,)),
        ("query", (3,)),
        ("query", ()),
    ],
)
def test_nonsense_is_refused_in_a_sentence(path: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(GlissarError) as refused:
        read(path, *args)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path} takes ")
    assert sentence.endswith(".")


@pytest.mark.parametrize("given", ["x" * 60_000, b"x" * 60_000, [0] * 60_000])
def test_a_sentence_never_repeats_a_whole_datagram(given: Any) -> None:
    with pytest.raises(GlissarError) as refused:
        read("knob/density", given)
    assert len(str(refused.value)) < 200


def test_a_second_value_may_be_left_out_and_is_clamped() -> None:
    row = TABLE[f"{ROOT}/transport/tempo"]
    assert [row.read_second(args) for args in ((90,), (90, 8), (90, -1), (90, 10**9))] == [
        *(0.0, 8.0, 0.0, 1000.0)
    ]
    assert row.read((90, 8)) == 90.0


@pytest.mark.parametrize("second", [nan, inf, "slowly", None])
def test_a_second_value_that_makes_no_sense_is_refused(second: Any) -> None:
    with pytest.raises(GlissarError, match=r"tempo takes a number .* as its second value, not"):
        TABLE[f"{ROOT}/transport/tempo"].read_second((90, second))


def test_a_trigger_takes_whatever_comes_with_it() -> None:
    assert read("panic") is None
    assert read("panic", 1, "now") is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(TABLE)), st.lists(anything, max_size=3))
def test_whatever_comes_is_clamped_or_refused(path: str, args: list[Any]) -> None:
    row = TABLE[path]
    try:
        value = row.read(args)
    except GlissarError:
        return
    if row.kind in "fi":
        assert isinstance(value, int | float)
        assert row.low <= value <= row.high
    if row.kind == "menu":
        assert value in row.options
