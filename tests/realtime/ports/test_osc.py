"""OSC over real sockets on the loopback, with datagrams written here byte by byte.

Waiting is always for something to happen, never for a time to pass.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, Queue
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from presets.errors import GlissarError
from realtime.ports import osc
from realtime.ports.osc import FEW, GARBAGE, MAX_AHEAD, MAX_WAITING, Heard, OscPort, encode, parse
from realtime.settings import OscSettings
from realtime.stage.free import free_port

PATIENCE = 5.0  # seconds; only a failing test waits so long
NOW = b"\x00" * 7 + b"\x01"  # the time tag "immediately"
EPOCH = 2_208_988_800  # seconds from 1900 to 1970

Said = tuple[str, tuple[Any, ...]]


def padded(text: str) -> bytes:
    data = text.encode() + b"\x00"
    return data + b"\x00" * (-len(data) % 4)


def message(address: str, tags: str = "", data: bytes = b"") -> bytes:
    return padded(address) + padded("," + tags) + data


def number(address: str, value: float) -> bytes:
    return message(address, "f", struct.pack(">f", value))


def timetag(when: float) -> bytes:
    return struct.pack(">Q", int((when + EPOCH) * 2**32))


def bundle(*elements: bytes, tag: bytes = NOW) -> bytes:
    return b"#bundle\x00" + tag + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def settings(datagram: bytes) -> list[list[Said]]:
    return [list(heard.settings) for heard in parse(datagram, time.time())]


# --- what a datagram says -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "data", "args"),
    [
        ("f", struct.pack(">f", 0.5), (0.5,)),
        ("i", struct.pack(">i", -3), (-3,)),
        ("h", struct.pack(">q", 2**40), (2**40,)),
        ("d", struct.pack(">d", 0.1), (0.1,)),
        ("s", padded("freeze"), ("freeze",)),
        ("T", b"", (True,)),
        ("F", b"", (False,)),
        ("N", b"", (None,)),
        ("si", padded("127.0.0.1") + struct.pack(">i", 9020), ("127.0.0.1", 9020)),
        ("[ff]", struct.pack(">ff", 1, 2), ([1.0, 2.0],)),
        ("", b"", ()),
    ],
)
def test_a_message_is_its_address_and_arguments(
    tags: str, data: bytes, args: tuple[Any, ...]
) -> None:
    assert settings(message("/glissar/x", tags, data)) == [[("/glissar/x", args)]]


def read_by_python_osc(datagram: bytes) -> list[list[Said]]:
    messages = [timed.message for timed in OscPacket(datagram).messages]
    return [[(m.address, tuple(m.params)) for m in messages]]


@given(st.text(max_size=12), st.floats(width=32, allow_nan=False))
@example("/glissar/knob/density", 0.5)
@example("a\0b", 0.5)
@example("a\0\0\0\0", 0.5)
def test_a_message_of_one_float_is_read_or_refused_as_python_osc_does(
    name: str, value: float
) -> None:
    data = number(f"/{name}", value)
    try:
        expected = read_by_python_osc(data)
    except GARBAGE:
        with pytest.raises(GARBAGE):
            settings(data)
    else:
        assert settings(data) == expected


def test_a_message_without_type_tags_has_no_arguments() -> None:
    assert settings(padded("/glissar/panic")) == [[("/glissar/panic", ())]]


def test_a_bundle_applies_together_and_in_order() -> None:
    both = bundle(number("/a", 1), number("/b", 2), number("/a", 3))
    assert settings(both) == [[("/a", (1.0,)), ("/b", (2.0,)), ("/a", (3.0,))]]


def test_nested_bundles_of_one_time_apply_together() -> None:
    nested = bundle(number("/a", 1), bundle(number("/b", 2), bundle(number("/c", 3))))
    assert settings(nested) == [[("/a", (1.0,)), ("/b", (2.0,)), ("/c", (3.0,))]]


def test_a_nested_bundle_of_another_time_waits_for_it() -> None:
    now = time.time()
    later = bundle(number("/b", 2), tag=timetag(now + 1))
    first, second = parse(bundle(number("/a", 1), later), now)
    assert (first.settings, second.settings) == ((("/a", (1.0,)),), (("/b", (2.0,)),))
    assert second.time == pytest.approx(now + 1, abs=1e-4)


def test_a_bundle_of_the_past_is_heard_now() -> None:
    now = time.time()
    (heard,) = parse(bundle(number("/a", 1), tag=timetag(now - 100)), now)
    assert now <= heard.time < now + PATIENCE


def test_an_empty_bundle_says_nothing() -> None:
    assert settings(bundle()) == []


GARBLED = {
    "nothing": b"",
    "no address": b"hello",
    "no end": b"/glissar/knob",
    "no comma": padded("/a") + padded("f") + b"\x00" * 4,
    "no argument": message("/a", "i"),
    "unknown type": message("/a", "z"),
    "open bracket": message("/a", "[i", b"\x00" * 4),
    "not utf-8": b"/\xff\xfe\x00" + padded(","),
    "huge blob": message("/a", "b", struct.pack(">i", 2**31 - 1)),
    "no time": b"#bundle\x00",
    "element too long": b"#bundle\x00" + NOW + struct.pack(">i", 400) + b"/a\x00\x00",
    "element of no kind": bundle(b"what"),
    "element steps back": b"#bundle\x00" + NOW + struct.pack(">i", -4),
    "element starts over": b"#bundle\x00" + NOW + struct.pack(">i", -20),
    "a comma among the kinds": message("/a", "i,f", bytes(8)),
    "cut off": bundle(number("/a", 1))[:-3],
    "deep": bundle(number("/a", 1)),
}
for _ in range(2000):
    GARBLED["deep"] = bundle(GARBLED["deep"])


@pytest.mark.parametrize("datagram", GARBLED.values(), ids=GARBLED.keys())
def test_garbage_is_refused_by_an_error_that_the_port_expects(datagram: bytes) -> None:
    with pytest.raises(GARBAGE):
        parse(datagram, time.time())


@pytest.mark.parametrize("datagram", GARBLED.values(), ids=GARBLED.keys())
def test_garbage_writes_nothing_to_the_terminal(
    datagram: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), contextlib.suppress(*GARBAGE):
        parse(datagram, time.time())
    assert caplog.records == []


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A sound datagram with some bytes exchanged, cut out or put in."""
    sound = draw(
        st.sampled_from(
            [
                number("/glissar/knob/density", 0.5),
                bundle(number("/a", 1), bundle(message("/b", "sTb", padded("x") + b"\0\0\0\0"))),
                bundle(number("/a", 1), tag=timetag(1.7e9)),
                message("/a", "[f[i]]hdrmt", bytes(range(48))),
            ]
        )
    )
    data = bytearray(sound)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(data)


@given(
    st.binary(max_size=200) | st.binary(max_size=80).map(lambda b: b"#bundle\x00" + b) | mangled()
)
@example(b"#bundle\x00" + NOW + struct.pack(">ii", 0, -4))
def test_whatever_comes_is_read_or_refused(datagram: bytes) -> None:
    try:
        groups = parse(datagram, time.time())
    except GARBAGE:
        return
    for heard in groups:
        assert all(isinstance(address, str) for address, _ in heard.settings)


@given(
    st.text("abc/", max_size=9).map(lambda s: "/" + s),
    st.lists(st.integers(-(2**31), 2**31 - 1) | st.floats(width=32) | st.text(max_size=9)),
)
def test_what_is_echoed_can_be_read_back(address: str, args: list[Any]) -> None:
    args = [a.replace("\x00", "") if isinstance(a, str) else a for a in args]
    (said,) = settings(encode(address, tuple(args)))
    assert repr(said) == repr([(address, tuple(args))])


@given(
    st.text("abc/", max_size=9).map(lambda s: "/" + s),
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=FEW + 1, max_size=99),
)
def test_many_whole_numbers_are_the_bytes_that_python_osc_makes(
    address: str, numbers: list[int]
) -> None:
    builder = OscMessageBuilder(address)
    for number in numbers:
        builder.add_arg(number, "i")
    assert encode(address, tuple(numbers)) == builder.build().dgram


def test_a_bool_is_echoed_as_a_whole_number() -> None:
    assert settings(encode("/a", (True, False))) == [[("/a", (1, 0))]]


# --- the port -------------------------------------------------------------------------------------


class Ear:
    """Somebody who listens on a UDP port of the loopback."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        self.port: int = self.socket.getsockname()[1]

    def next(self) -> Said:
        ((said,),) = settings(self.socket.recv(65_535))
        return said


class Rig:
    """A running port, what it has put, and a way to speak to it."""

    def __init__(self, **changes: Any) -> None:
        self.ear = Ear()
        self.settings = OscSettings(
            **{"port": free_port(), "echo_port": self.ear.port, **changes}  # pyright: ignore
        )
        self.put: Queue[Heard] = Queue()
        self.port = OscPort(self.settings, self.put.put)
        self.port.start()
        self.mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def say(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.mouth.sendto(datagram, ("127.0.0.1", self.settings.port))

    def heard(self) -> Sequence[Said]:
        return self.put.get(timeout=PATIENCE).settings

    def say_and_settle(self, *datagrams: bytes) -> None:
        """Say, and wait until it has been dealt with: a mark said after it has come through."""
        self.say(*datagrams, message("/mark"))
        assert self.heard() == (("/mark", ()),)

    def close(self) -> None:
        self.port.close()
        self.mouth.close()
        self.ear.socket.close()


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


@pytest.fixture
def ears() -> Iterator[Callable[[], Ear]]:
    made: list[Ear] = []

    def make() -> Ear:
        made.append(Ear())
        return made[-1]

    yield make
    for ear in made:
        ear.socket.close()


def listen(ear_port: int, host: str = "127.0.0.1", verb: str = "listen") -> bytes:
    return message(f"/glissar/{verb}", "si", padded(host) + struct.pack(">i", ear_port))


def test_python_osc_and_bare_datagrams_are_both_heard(rig: Rig) -> None:
    built = OscMessageBuilder("/glissar/knob/density")
    built.add_arg(0.5)
    rig.say(built.build().dgram)
    assert rig.heard() == (("/glissar/knob/density", (0.5,)),)
    rig.say(number("/glissar/knob/density", 0.25))
    assert rig.heard() == (("/glissar/knob/density", (0.25,)),)


def test_messages_keep_their_order(rig: Rig) -> None:
    rig.say(*(number("/a", i) for i in range(100)))
    assert [rig.heard()[0][1][0] for _ in range(100)] == list(range(100))


def test_a_bundle_is_put_as_one(rig: Rig) -> None:
    rig.say(bundle(number("/a", 1), number("/b", 2)))
    assert rig.heard() == (("/a", (1.0,)), ("/b", (2.0,)))


def test_a_message_is_stamped_with_its_arrival(rig: Rig) -> None:
    before = time.monotonic()
    rig.say(number("/a", 1))
    assert before <= rig.put.get(timeout=PATIENCE).time <= time.monotonic()


def test_garbage_is_counted_and_the_port_goes_on(rig: Rig) -> None:
    rig.say_and_settle(*(d for d in GARBLED.values() if len(d) < 1500))
    assert rig.port.rejected == len(GARBLED) - 1


def test_an_old_time_tag_acts_now_and_is_counted(rig: Rig) -> None:
    rig.say(bundle(number("/a", 1), tag=timetag(time.time() - 60)))
    assert rig.heard() == (("/a", (1.0,)),)
    assert rig.port.late == 1


def test_the_tag_immediately_is_never_late(rig: Rig) -> None:
    rig.say(bundle(number("/a", 1)))
    rig.heard()
    assert rig.port.late == 0


def test_a_bundle_dated_ahead_waits_and_holds_nobody_up(rig: Rig) -> None:
    rig.say(bundle(number("/later", 1), tag=timetag(time.time() + 0.3)), number("/now", 1))
    asked = time.monotonic()
    assert rig.heard() == (("/now", (1.0,)),)
    heard = rig.put.get(timeout=PATIENCE)
    assert heard.settings == (("/later", (1.0,)),)
    assert 0.2 < heard.time - asked <= 0.31
    assert time.monotonic() >= heard.time


def test_bundles_dated_ahead_come_in_the_order_of_their_dates(rig: Rig) -> None:
    now = time.time()
    for ahead in (0.3, 0.1, 0.2):
        rig.say(bundle(number("/a", ahead), tag=timetag(now + ahead)))
    assert [round(rig.heard()[0][1][0], 1) for _ in range(3)] == [0.1, 0.2, 0.3]


def test_a_date_far_ahead_is_brought_near(rig: Rig) -> None:
    said = time.monotonic()
    rig.say(bundle(number("/a", 1), tag=timetag(time.time() + 1e6)))
    heard = rig.put.get(timeout=PATIENCE)
    assert said + MAX_AHEAD - 0.1 < heard.time < said + MAX_AHEAD + 1


def test_what_waits_is_bounded_and_what_is_due_goes_through(rig: Rig) -> None:
    dated = bundle(number("/a", 1), tag=timetag(time.time() + 1.5))
    for _ in range(MAX_WAITING // 8 + 5):
        rig.say_and_settle(*[dated] * 8)
    assert rig.port.dropped == 40
    assert all(rig.heard() == (("/a", (1.0,)),) for _ in range(MAX_WAITING))


def test_echoes_go_to_the_listener_of_the_settings(rig: Rig) -> None:
    rig.port.echo("/glissar/knob/density", (0.5,))
    assert rig.ear.next() == ("/glissar/knob/density", (0.5,))


def test_whoever_says_listen_hears_echoes_until_unlisten(rig: Rig, ears: Callable[[], Ear]) -> None:
    ear = ears()
    rig.say_and_settle(listen(ear.port))
    rig.port.echo("/a", (1,))
    assert (ear.next(), rig.ear.next()) == (("/a", (1,)), ("/a", (1,)))
    rig.say_and_settle(listen(ear.port, verb="unlisten"))
    rig.port.echo("/b", (2,))
    assert rig.ear.next() == ("/b", (2,))
    ear.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        ear.socket.recv(100)


def test_a_listener_expires_and_the_one_of_the_settings_never_does(
    rig: Rig, ears: Callable[[], Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osc, "KEEP_ALIVE", -1.0)  # everything expires at once
    ear = ears()
    rig.say_and_settle(listen(ear.port), listen(rig.ear.port))
    for i in range(3):
        rig.port.echo("/a", (i,))
        assert rig.ear.next() == ("/a", (i,))
    ear.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        ear.socket.recv(100)


def test_listening_is_not_the_sessions_affair(rig: Rig) -> None:
    rig.say(bundle(listen(rig.ear.port), number("/a", 1)))
    assert rig.heard() == (("/a", (1.0,)),)


@pytest.mark.parametrize(
    "host",
    [
        *("10.0.0.1", "8.8.8.8", "example.org", "", "0.0.0.0", "255.255.255.255"),
        *("127.example.org", "127.0.0.1.example.org", "localhost.example.org", "127.1.1"),
    ],
)
def test_only_the_loopback_may_listen(rig: Rig, host: str) -> None:
    rig.say_and_settle(listen(9020, host))
    assert rig.port.rejected == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_every_name_of_the_loopback_may_listen(rig: Rig, host: str) -> None:
    rig.say_and_settle(listen(9020, host))
    assert rig.port.rejected == 0


@pytest.mark.parametrize(
    "datagram",
    [
        message("/glissar/listen"),
        message("/glissar/listen", "s", padded("127.0.0.1")),
        message("/glissar/listen", "i", struct.pack(">i", 9020)),
        listen(0),
        listen(-1),
        listen(70_000),
    ],
)
def test_a_listen_that_makes_no_sense_is_counted(rig: Rig, datagram: bytes) -> None:
    rig.say_and_settle(datagram)
    assert rig.port.rejected == 1


def test_listeners_are_bounded(rig: Rig) -> None:
    rig.say_and_settle(*(listen(20_000 + i) for i in range(40)))
    assert rig.port.rejected == 40 - 15


def test_a_listener_that_has_gone_is_no_trouble(rig: Rig, ears: Callable[[], Ear]) -> None:
    gone = ears()
    rig.say_and_settle(listen(gone.port))
    gone.socket.close()
    for i in range(20):
        rig.port.echo("/a", (i,))
        assert rig.ear.next() == ("/a", (i,))
    rig.say(number("/b", 1))
    assert rig.heard() == (("/b", (1.0,)),)


def test_what_cannot_be_encoded_is_counted(rig: Rig) -> None:
    rig.port.echo("/a", (2**40,))
    rig.port.echo("/a", (2**40,) * (FEW + 1))
    assert rig.port.counts()["echoes_lost"] == 2


def test_what_cannot_be_sent_is_counted(ears: Callable[[], Ear]) -> None:
    """To everybody on the net, which the system refuses; who listens here still hears."""
    rig, ear = Rig(echo_host="255.255.255.255"), ears()
    rig.say_and_settle(listen(ear.port))
    for number in range(3):
        rig.port.echo("/a", (number,))
        assert ear.next() == ("/a", (number,))
    assert rig.port.counts()["echoes_lost"] == 3
    rig.port.echo("/a", ("x" * 70_000,))  # longer than a datagram may be
    assert rig.port.counts()["echoes_lost"] == 5
    rig.close()


def test_what_the_kernel_had_no_room_for_is_counted() -> None:
    """The port's reader waits in `put` while it is flooded, and every datagram is accounted for."""
    if sys.platform != "linux":
        pytest.skip("Linux alone tells")
    put: Queue[Heard] = Queue()
    let_go = threading.Event()

    def slow(heard: Heard) -> None:
        let_go.wait(PATIENCE)
        put.put(heard)

    where = OscSettings(port=free_port(), echo_port=free_port())
    port, flood = OscPort(where, slow), 3000
    port.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.connect((where.host, where.port))
        for _ in range(flood):
            mouth.send(number("/a", 1))
        let_go.set()
        heard = marks = 0
        address, args = "/a", (0.0,)
        while address != "/mark":  # for the first of them there may be no room either
            try:
                ((address, args),) = put.get(timeout=0.1).settings
                heard += address == "/a"
            except Empty:
                mouth.send(number("/mark", marks))
                marks += 1
    port.close()
    assert heard < flood
    assert port.counts()["osc_overflow"] == flood - heard + args[0]  # … which then is one more


def test_a_second_instance_on_the_same_port_is_refused_in_a_sentence(rig: Rig) -> None:
    with pytest.raises(GlissarError, match=rf"UDP port {rig.settings.port} is taken.*another"):
        OscPort(rig.settings, rig.put.put)


def test_an_address_of_another_machine_is_refused_in_a_sentence() -> None:
    with pytest.raises(GlissarError, match=r"OSC cannot listen on 192\.0\.2\.1 .*127\.0\.0\.1"):
        OscPort(OscSettings(host="192.0.2.1", port=free_port()), Queue().put)


def test_a_closed_port_is_free_again() -> None:
    first = Rig()
    first.say_and_settle()
    first.close()
    second = Rig(port=first.settings.port)
    second.say_and_settle()
    second.close()
