"""What counts as a message, and what is passed on."""

from __future__ import annotations

import pytest

from realtime.thru import Thru, is_channel_message, plain


@pytest.mark.parametrize(
    "data",
    [(0x90, 60, 80), (0x80, 60, 0), (0xB0, 64, 127), (0xE0, 0, 64), (0xC0, 5), (0xD0, 7)],
)
def test_whole_messages_count(data: tuple[int, ...]):
    assert is_channel_message(bytes(data))


@pytest.mark.parametrize(
    "data",
    [(0x90, 61), (0x80, 61), (0x90,), (0x90, 200, 200), (0xC0, 5, 5), (60, 60, 60), (0xF8,)],
)
def test_pieces_and_garbage_do_not(data: tuple[int, ...]):
    assert not is_channel_message(bytes(data))


def test_a_key_struck_twice_is_let_go_between():
    thru = Thru(0, on=True)
    strike = plain(bytes((0x95, 60, 80)))
    assert thru.pass_on(strike) == [bytes((0x90, 60, 80))]
    assert thru.pass_on(strike) == [bytes((0x80, 60, 64)), bytes((0x90, 60, 80))]
    assert thru.close_all() == [bytes((0x80, 60, 64))]
