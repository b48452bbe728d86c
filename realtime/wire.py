"""Frames over the pipes between the processes.

A frame is one byte of destination (0: the peer, 1: the supervisor), four bytes of length and a
msgpack payload: one message of the tagged unions in `realtime.events` and `realtime.household`.
The supervisor passes the peers' frames on without reading them.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

PEER = 0
SUPERVISOR = 1
LIMIT = 1 << 20  # bytes of one payload

_HEADER = struct.Struct(">BI")


class WireError(Exception):
    """The other side does not speak this protocol: a bug, or another version of glissar."""


def pack(destination: int, payload: bytes) -> bytes:
    if len(payload) > LIMIT:
        raise WireError(f"a message of {len(payload)} bytes is over the limit of {LIMIT}")
    return _HEADER.pack(destination, len(payload)) + payload


def encode(message: msgspec.Struct, destination: int = PEER) -> bytes:
    return pack(destination, msgspec.msgpack.encode(message))


def frames(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Every whole frame as (destination, payload), until the stream ends, be it inside a frame."""
    while len(header := stream.read(_HEADER.size)) == _HEADER.size:
        destination, length = _HEADER.unpack(header)
        if destination not in (PEER, SUPERVISOR) or length > LIMIT:
            raise WireError(f"no frame begins with {header.hex(' ')}")
        payload = stream.read(length)
        if len(payload) < length:
            return
        yield destination, payload


def messages(stream: BinaryIO, kind: Any) -> Iterator[Any]:
    """The payloads decoded as `kind`, a Struct or a union of tagged ones. Raises WireError."""
    decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(kind)
    for _, payload in frames(stream):
        try:
            yield decoder.decode(payload)
        except msgspec.DecodeError as error:
            raise WireError(f"a message could not be read: {error}") from error


class Outbox:
    """Who sends never waits for who reads: a frame that the pipe has room for is written at once,
    and the rest by a thread.

    When `limit` frames wait, the oldest is dropped and counted. After the reader is gone everything
    is dropped silently: its owner learns of it by other means.
    """

    def __init__(self, stream: BinaryIO, limit: int = 1024) -> None:
        self.dropped = 0
        self._deepest = 0
        self._stream = stream
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._closed = self._writing = False
        self._room = _Room(stream)
        self._thread = threading.Thread(target=self._write_all, daemon=True)
        self._thread.start()

    def send(self, message: msgspec.Struct, destination: int = PEER) -> None:
        self.put(encode(message, destination))

    def put(self, frame: bytes) -> None:
        with self._changed:
            if self._closed or self._write_at_once(frame):
                return
            if len(self._waiting) >= self._limit:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(frame)
            self._changed.notify()

    def _write_at_once(self, frame: bytes) -> bool:
        """Whether it could be done. The thread's waking up would cost more than the writing."""
        if self._waiting or self._writing or not self._room.takes(frame):
            return False
        try:
            os.write(self._room.file, frame)
        except OSError:  # the reader is gone
            self._closed = True
            self._changed.notify()
        return True

    def deepest(self) -> int:
        """The most frames that waited since this was last asked."""
        deepest, self._deepest = max(self._deepest, len(self._waiting)), 0
        return deepest

    def close(self, timeout: float = 0.5) -> None:
        """Write what waits, for at most `timeout` seconds, and close the stream."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout)

    def _write_all(self) -> None:
        try:
            while batch := self._next_batch():
                self._stream.write(batch)
                self._stream.flush()
        except (OSError, ValueError):  # the reader is gone, or the stream was closed under us
            with self._changed:
                self._closed = True
        with contextlib.suppress(OSError):  # what is left in its buffer cannot be written either
            self._stream.close()

    def _next_batch(self) -> bytes:
        with self._changed:
            self._writing = False
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._deepest = max(self._deepest, len(self._waiting))
            batch = b"".join(self._waiting)
            self._waiting.clear()
            self._writing = True
            return batch


class _Room:
    """Whether a pipe takes a frame without making anybody wait."""

    def __init__(self, stream: BinaryIO) -> None:
        self.file = -1
        if hasattr(select, "poll"):  # not on Windows
            self.file = stream.fileno()
            self._poll = select.poll()
            self._poll.register(self.file, select.POLLOUT)

    def takes(self, frame: bytes) -> bool:
        if self.file < 0 or len(frame) > select.PIPE_BUF:
            return False
        return any(state == select.POLLOUT for _, state in self._poll.poll(0))


def pipes() -> tuple[BinaryIO, BinaryIO]:
    """A child's two ends: frames by stdin and stdout; what is printed goes to stderr."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return reader, writer
