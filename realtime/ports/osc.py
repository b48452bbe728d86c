"""OSC over UDP: control addresses in, their echoes out to every listener.

One blocking thread receives. Nothing sleeps on a timetag: a bundle dated ahead waits in a short
heap, at most two seconds; one dated in the past acts now and is counted.
"""

from __future__ import annotations

import contextlib
import errno
import heapq
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message_builder import BuildError, OscMessageBuilder
from pythonosc.osc_packet import OscPacket, ParseError

from presets.errors import GlissarError
from realtime.ports.hosts import is_address, is_loopback
from realtime.settings import OscSettings
from realtime.states import ROOT

MAX_DATAGRAM = 65_535
MAX_AHEAD = 2.0  # seconds
MAX_WAITING = 256  # bundles dated ahead
MAX_LISTENERS = 16
HERE = "127.0.0.1"
PATIENCE = 0.2  # seconds for a thread to end, which takes a hundredth of it
KEEP_ALIVE = 60.0  # seconds without a new /glissar/listen
MAX_DEPTH = 16  # bundles in bundles
TAGS = frozenset(b"ihfdsbrmtTFN[]")  # the kinds of arguments that python-osc knows
BUNDLE = b"#bundle\x00"
FLOAT = b",f\x00\x00"  # the tag of one
FEW = 4  # arguments of which python-osc may take its time
HEAD = 16  # bytes of a bundle before its first element
RXQ_OVFL = 40  # Linux's SO_RXQ_OVFL: with a datagram, how many there was no room for before it

Arguments = tuple[Any, ...]
Setting = tuple[str, Arguments]
# What python-osc raises on garbage; its parser lets some errors of its own parts through.
GARBAGE = (ParseError, ValueError, IndexError, OverflowError, RecursionError, TypeError)


@dataclass(frozen=True, slots=True)
class Heard:
    """Addresses set together, at `time` on the monotonic clock."""

    time: float
    settings: tuple[Setting, ...]


def parse(datagram: bytes, now: float) -> list[Heard]:
    """What a datagram sets, in order of time; `now` is seconds since the epoch. Raises GARBAGE."""
    if setting := _turned(datagram):
        return [Heard(now, (setting,))]
    _check(datagram)
    groups: dict[float, list[Setting]] = {}
    for timed in OscPacket(datagram).messages:
        setting = (str(timed.message.address), tuple(timed.message.params))
        groups.setdefault(max(timed.time, now), []).append(setting)
    return [Heard(when, tuple(settings)) for when, settings in sorted(groups.items())]


def _turned(datagram: bytes) -> Setting | None:
    """A message of one float, as a turned knob sends it, in a tenth of python-osc's time; None:
    this is something else. Raises ValueError."""
    head, tag, value = datagram[:-8], datagram[-8:-4], datagram[-4:]
    address = head.rstrip(b"\x00")
    if tag != FLOAT or not head.startswith(b"/") or head != _padded(address) or 0 in address:
        return None
    return address.decode(), struct.unpack(">f", value)


def _check(packet: bytes, depth: int = 0) -> None:
    """Refuse what python-osc loops over for ever (an element whose size leads back), and what it
    speaks about on the terminal (kinds that it does not know). Raises ValueError."""
    if not packet.startswith(BUNDLE):
        tags = packet[packet.find(0) // 4 * 4 + 4 :].partition(b"\x00")[0]
        if not packet.startswith(b"/") or not TAGS.issuperset(tags.removeprefix(b",")):
            raise ValueError("neither a bundle nor a message that can be read")
        return
    at = HEAD
    while at < len(packet):
        size = int.from_bytes(packet[at : at + 4], "big", signed=True)
        element = packet[at + 4 : at + 4 + max(size, 0)]
        if len(element) != size or depth == MAX_DEPTH:
            raise ValueError("an element that does not fit into its bundle")
        _check(element, depth + 1)
        at += 4 + size


def encode(address: str, args: Arguments) -> bytes:
    """A message. Raises BuildError for what OSC has no kind for."""
    if len(args) > FEW and all(type(value) is int for value in args):
        return _encode_numbers(address, args)
    builder = OscMessageBuilder(address)
    for value in args:
        builder.add_arg(value, next((t for kind, t in _TYPES if isinstance(value, kind)), None))
    return builder.build().dgram


def _encode_numbers(address: str, args: Arguments) -> bytes:
    """The same of whole numbers alone, in a hundredth of the time."""
    tag = "," + "i" * len(args)
    head = _padded(address.encode()) + _padded(tag.encode())
    try:
        return head + struct.pack(f">{len(args)}i", *args)
    except struct.error as error:
        raise BuildError(str(error)) from error


def _padded(data: bytes) -> bytes:
    return data + bytes(4 - len(data) % 4)


_TYPES = ((int, "i"), (float, "f"), (str, "s"))  # a bool is an int, as T and F are 1 and 0


class OscPort:
    """The UDP server and its listeners. `put` is called on the port's thread, and must not wait."""

    def __init__(self, settings: OscSettings, put: Callable[[Heard], None]) -> None:
        """Bind. Raises GlissarError when the address is taken or foreign."""
        self.rejected = self.late = self.dropped = self.unsent = 0
        self.overflowed: int | None = None  # None: this system does not tell
        self._open = not is_loopback(settings.host, IPv4Address)
        self._closed = False
        self._put = put
        self._waiting: list[tuple[float, int, Heard]] = []
        self._count = 0
        self._listeners: dict[tuple[str, int], float] = {
            (settings.echo_host, settings.echo_port): float("inf")
        }
        self._socket = _bind(settings)
        self._count_overflows()
        self._thread = threading.Thread(target=self._receive, daemon=True, name="osc")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread, which lies in recvfrom
        if self._thread.is_alive():
            self._thread.join(PATIENCE)  # while it lies there, the system holds the port
        self._socket.close()

    def echo(self, address: str, args: Arguments) -> None:
        """Tell every listener; one that is gone, or never was, is no trouble."""
        try:
            datagram = encode(address, args)
        except BuildError:
            self.unsent += 1
            return
        now = time.monotonic()
        for listener, until in list(self._listeners.items()):
            if until < now:
                self._listeners.pop(listener, None)
            else:
                self._send(datagram, listener)

    def _send(self, datagram: bytes, listener: tuple[str, int]) -> None:
        try:
            self._socket.sendto(datagram, listener)
        except ConnectionError:
            pass  # it is gone
        except OSError:  # no room, no way there, or too long
            self.unsent += 1

    def counts(self) -> dict[str, float]:
        """As /glissar/state/… tells them."""
        counts: dict[str, float] = {
            "osc_rejected": self.rejected,
            "osc_late": self.late,
            "osc_dropped": self.dropped,
            "echoes_lost": self.unsent,
        }
        return counts if self.overflowed is None else {**counts, "osc_overflow": self.overflowed}

    def _receive(self) -> None:
        while not self._closed:
            try:
                self._socket.settimeout(self._patience())
                datagram = self._next()
            except TimeoutError:
                pass
            except ConnectionError:
                continue  # a listener's port was closed, and the system tells us here
            except (OSError, ValueError):
                return  # closed
            else:
                self._accept(datagram)
            self._release()

    def _count_overflows(self) -> None:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # a kernel that does not know it
                self._socket.setsockopt(socket.SOL_SOCKET, RXQ_OVFL, 1)
                self.overflowed = 0

    def _next(self) -> bytes:
        if self.overflowed is None:
            return self._socket.recvfrom(MAX_DATAGRAM)[0]
        datagram, told, _, _ = self._socket.recvmsg(MAX_DATAGRAM, socket.CMSG_SPACE(4))
        for level, kind, count in told:
            if (level, kind) == (socket.SOL_SOCKET, RXQ_OVFL):
                self.overflowed = int.from_bytes(count, sys.byteorder)
        return datagram

    def _accept(self, datagram: bytes) -> None:
        now, arrived = time.time(), time.monotonic()
        try:
            heard = parse(datagram, now)
            self.late += _is_late(datagram, now)
        except GARBAGE:
            self.rejected += 1
            return
        for group in heard:
            when = arrived + min(group.time - now, MAX_AHEAD)
            if when > time.monotonic() and len(self._waiting) >= MAX_WAITING:
                self.dropped += 1  # what is due goes through, however much waits
            else:
                self._count += 1
                heapq.heappush(self._waiting, (when, self._count, Heard(when, group.settings)))

    def _release(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            heard = heapq.heappop(self._waiting)[2]
            settings = tuple(s for s in heard.settings if not self._listen(*s))
            if settings:
                self._put(Heard(heard.time, settings))

    def _patience(self) -> float | None:
        if not self._waiting:
            return None
        return max(1e-4, self._waiting[0][0] - time.monotonic())

    def _listen(self, address: str, args: Arguments) -> bool:
        """Whether this was about listening, which is the port's own affair."""
        if address not in (f"{ROOT}/listen", f"{ROOT}/unlisten"):
            return False
        match args:
            case (str(host), int(port)) if 0 < port < 65536 and self._may_hear(host):
                listener = (HERE if host == "localhost" else host, port)
                until = time.monotonic() + KEEP_ALIVE
                if address.endswith("/unlisten"):
                    self._listeners.pop(listener, None)
                elif listener in self._listeners or len(self._listeners) < MAX_LISTENERS:
                    self._listeners[listener] = max(until, self._listeners.get(listener, 0.0))
                else:
                    self.rejected += 1
            case _:
                self.rejected += 1
        return True

    def _may_hear(self, host: str) -> bool:
        return is_loopback(host, IPv4Address) or (self._open and is_address(host, IPv4Address))


def _is_late(datagram: bytes, now: float) -> bool:
    if not OscBundle.dgram_is_bundle(datagram):
        return False
    stamp = OscBundle(datagram).timestamp
    return 1.0 < stamp < now  # 1 in NTP's last place means "now", and parses to a tiny number


def _bind(settings: OscSettings) -> socket.socket:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        server.bind((settings.host, settings.port))
    except OSError as error:
        server.close()
        if error.errno == errno.EADDRINUSE:
            raise GlissarError(
                f"UDP port {settings.port} is taken, perhaps by another glissar; stop that one, "
                "or choose another with --osc-port."
            ) from error
        raise GlissarError(
            f"OSC cannot listen on {settings.host} ({error.strerror}); set osc.host to an address "
            "of this machine, such as 127.0.0.1."
        ) from error
    return server
