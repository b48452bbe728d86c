"""A listener beside a real port: what it asks for, hears, and notices."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from queue import Queue

import pytest

from presets.errors import GlissarError
from realtime.ports.ear import Ear
from realtime.ports.osc import Heard, OscPort, Setting
from realtime.settings import OscSettings

PATIENCE = 10.0  # seconds; only a failing test waits so long


class Beside:
    """An ear, and the port that it listens to."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.put: Queue[Heard] = Queue()
        self.settings = OscSettings(port=port, echo_port=port + 1)
        self.port = self.open()
        self.ear = Ear(host, port)

    def open(self) -> OscPort:
        port = OscPort(self.settings, self.put.put)
        port.start()
        return port

    def settle(self) -> None:
        """Wait until the port has dealt with what was said."""
        self.ear.ask("/mark")
        while self.put.get(timeout=PATIENCE).settings[0][1] != ("/mark",):
            pass

    def next(self) -> Setting:
        return next(self.ear.heard(time.monotonic() + PATIENCE))


@pytest.fixture
def beside(free_udp_port: int) -> Iterator[Beside]:
    both = Beside(free_udp_port)
    yield both
    both.ear.close()
    both.port.close()


def test_what_it_asks_for_is_heard_by_the_session(beside: Beside) -> None:
    beside.ear.ask("/glissar/state")
    assert beside.put.get(timeout=PATIENCE).settings == (("/glissar/query", ("/glissar/state",)),)


def test_it_hears_what_is_told_once_it_listens(beside: Beside) -> None:
    beside.port.echo("/glissar/mode", ("follow",))
    beside.ear.listen()
    beside.settle()
    beside.port.echo("/glissar/mode", ("freeze",))
    assert beside.next() == ("/glissar/mode", ("freeze",))


def test_it_is_told_nothing_after_it_has_closed(beside: Beside) -> None:
    other = Ear("0.0.0.0", beside.settings.port)  # of whoever listens everywhere
    other.listen()
    other.close()
    beside.ear.listen()
    beside.settle()
    beside.port.echo("/a", (1,))
    assert beside.next() == ("/a", (1,))
    assert beside.port.counts()["osc_rejected"] == 0


def test_it_hears_nothing_more_when_its_time_is_up(beside: Beside) -> None:
    assert list(beside.ear.heard(time.monotonic() + 0.05)) == []
    assert list(beside.ear.heard(time.monotonic() - 1)) == []


def test_a_port_that_is_gone_is_noticed_and_so_is_one_that_is_back(beside: Beside) -> None:
    beside.port.close()
    patience = time.monotonic() + PATIENCE
    while not beside.ear.gone:
        assert time.monotonic() < patience
        beside.ear.listen()
        assert list(beside.ear.heard(time.monotonic() + 0.05)) == []
    beside.port = beside.open()
    beside.ear.listen()
    beside.settle()
    beside.port.echo("/a", (1,))
    assert beside.next() == ("/a", (1,))
    assert not beside.ear.gone


def test_garbage_is_passed_over(free_udp_port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", free_udp_port))
        ear = Ear("127.0.0.1", free_udp_port)
        ear.listen()
        _, where = server.recvfrom(100)
        for datagram in (b"", b"/x", b"\xff" * 20, b"/a\x00\x00,i\x00\x00\x00\x00\x00\x07"):
            server.sendto(datagram, where)
        assert next(ear.heard(time.monotonic() + PATIENCE)) == ("/a", (7,))
        ear.close()


def test_an_address_that_is_none_is_refused_in_a_sentence() -> None:
    with pytest.raises(GlissarError, match=r"no way to 300\.1\.1\.1 .*set osc\.host"):
        Ear("300.1.1.1", 9010)
