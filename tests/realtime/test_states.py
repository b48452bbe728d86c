"""The table of what is told at /glissar/state/…"""

from __future__ import annotations

import pytest

from realtime.states import ROOT, is_at, is_out


@pytest.mark.parametrize(
    ("name", "value", "out"),
    [
        *(("late", 0, False), ("late", 1, True)),
        *(("jitter_p99", 2.0, False), ("jitter_p99", 2.1, True)),
        *(("bar", 1e9, False), ("loudness", 1e9, False)),
    ],
)
def test_a_number_is_out_over_its_mark_where_there_is_one(
    name: str, value: float, out: bool
) -> None:
    assert is_out(name, value) == out


@pytest.mark.parametrize(
    ("address", "asked", "there"),
    [
        *(("/knob/a", ROOT, True), ("/knob/a", f"{ROOT}/knob", True)),
        *(("/knob/a", f"{ROOT}/knob/a", True), ("/knob/ab", f"{ROOT}/knob/a", False)),
        *(("/knob/a", f"{ROOT}/kno", False), ("/knob/a", f"{ROOT}/knob/", False)),
        *(("/knob/a", "", False), ("/knob/a", "/", False)),
    ],
)
def test_an_address_is_at_another_that_it_is_or_lies_beneath(
    address: str, asked: str, there: bool
) -> None:
    assert is_at(ROOT + address, asked) == there
