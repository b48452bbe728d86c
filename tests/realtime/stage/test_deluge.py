"""What is poured, and which keys and notes of meanwhile are late."""

from __future__ import annotations

import math
import socket
import time

import pytest

from realtime.controls import ROOT, table
from realtime.ports.osc import HERE, parse
from realtime.stage.deluge import BUNDLED, _late, _passed, pour
from realtime.stage.floods import FLOOD, KNOBS
from realtime.stage.stamped import Came, Sent, Stamps

SECONDS = 0.02
KEY = b"\x90\x3c\x40"


def test_what_is_poured_are_bundles_of_turned_knobs() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((HERE, 0))
        ear.settimeout(1)
        sent, took = pour(ear.getsockname()[1], SECONDS)
        datagrams = [ear.recv(1 << 16) for _ in range(sent // BUNDLED)]
    assert took >= SECONDS
    assert 0 < sent <= took * FLOOD + BUNDLED
    known = table(KNOBS)
    for datagram in datagrams:
        [heard] = parse(datagram, time.time())
        assert len(heard.settings) == BUNDLED
        assert {address for address, _ in heard.settings} == {f"{ROOT}/knob/{k}" for k in KNOBS}
        assert all(known[address].read(args) == args[0] for address, args in heard.settings)


def test_a_key_that_is_not_passed_on_is_infinitely_late() -> None:
    stamps = Stamps(
        came=[Came(1.0, KEY), Came(2.0, b"\x80\x3c\x40"), Came(3.0, b"\x90\x40\x40")],
        sent=[Sent(1.002, KEY), Sent(2.5, b"\x91\x3c\x40", 960, 2.499)],
    )
    assert list(_passed(stamps)) == [(1.0, pytest.approx(2)), (3.0, math.inf)]
    assert list(_late(stamps)) == [(2.499, pytest.approx(1))]
