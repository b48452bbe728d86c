"""What the player keeps to itself of a controller, and what it shows to it."""

from __future__ import annotations

import pytest

from realtime.claims import CONTROLLER, Claims, Rings
from realtime.events import Claim, Turned


@pytest.fixture(name="told")
def told_to_the_engine() -> list[Turned]:
    return []


@pytest.fixture
def claims(told: list[Turned]) -> Claims:
    claims = Claims(told.append, program_channel=5, barred=[99])
    claims.set(Claim(((0, 74), (0, 99))))
    return claims


@pytest.mark.parametrize(
    ("text", "place", "taken", "heard"),
    [
        ("b04a40", 0, True, True),
        ("b14a40", 0, False, False),  # another channel
        ("b04b40", 0, False, False),
        ("904a40", 0, False, False),  # a note
        ("b06340", 0, False, False),  # the player's own, whatever the map says
        ("c403", 0, True, True),
        ("c003", 0, False, False),  # a sound's
        ("b04a40", CONTROLLER, True, True),
        ("b04b40", CONTROLLER, True, False),
        ("904a40", CONTROLLER, True, False),
        ("c003", CONTROLLER, True, True),
        ("b06340", CONTROLLER, False, False),
    ],
)
def test_what_is_mapped_goes_no_further(
    claims: Claims, told: list[Turned], text: str, place: int, taken: bool, heard: bool
) -> None:
    data = bytes.fromhex(text)
    assert claims.take(1.5, data, place) == taken
    assert told == [Turned(1.5, data)] * heard


def test_while_something_is_learnt_all_controllers_are_told_and_passed_on(
    claims: Claims, told: list[Turned]
) -> None:
    claims.set(Claim(learning=True))
    assert not claims.take(0.0, b"\xb0\x01\x02", 0)
    assert not claims.take(0.0, b"\x90\x01\x02", 0)
    assert [turned.data for turned in told] == [b"\xb0\x01\x02"]


def test_what_comes_back_is_told_the_latest_of_each() -> None:
    sent: list[bytes] = []
    rings = Rings(sent.append)
    rings.show([b"\xb0\x01\x00", b"\xb0\x02\x00", b"\xb1\x01\x05"])
    rings.show([b"\xb0\x01\x7f"])
    sent.clear()
    rings.again()
    assert sent == [b"\xb0\x02\x00", b"\xb1\x01\x05", b"\xb0\x01\x7f"]
