from __future__ import annotations

import contextlib
import io
import os
import select
import threading
import time
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note
from realtime.events import Gesture, NoteOn, Plan, Play, ToEngine, ToPlayer, Wake
from realtime.wire import LIMIT, PEER, SUPERVISOR, Outbox, WireError, encode, frames, messages, pack


@given(st.lists(st.tuples(st.sampled_from([PEER, SUPERVISOR]), st.binary(max_size=300))))
def test_frames_come_as_they_went(sent: list[tuple[int, bytes]]):
    stream = io.BytesIO(b"".join(pack(*each) for each in sent))
    assert list(frames(stream)) == sent


@given(st.binary(max_size=50), st.integers(0, 60))
def test_a_stream_cut_short_gives_no_half_frame(payload: bytes, cut: int):
    whole = pack(PEER, payload)
    expected = [(PEER, payload)] if cut >= len(whole) else []
    assert list(frames(io.BytesIO(whole[:cut]))) == expected


def test_a_frame_over_the_limit_is_refused():
    with pytest.raises(WireError):
        pack(PEER, bytes(LIMIT + 1))
    with pytest.raises(WireError):
        list(frames(io.BytesIO(b"\x00\xff\xff\xff\xff" + bytes(100))))


def test_messages_keep_their_kind():
    sent = [Play(Plan(0, 3840, 0, (Note(-1, 60, 480, 90),), ((5, b"\xe0\x00\x40"),))), Wake(7)]
    stream = io.BytesIO(b"".join(map(encode, sent)))
    assert list(messages(stream, ToPlayer)) == sent


def test_a_message_of_another_kind_is_refused():
    stream = io.BytesIO(encode(NoteOn(0, 60, 90)))
    with pytest.raises(WireError):
        list(messages(stream, ToPlayer))


PATIENCE = 5.0  # s; only a failing test waits so long

with_poll = pytest.mark.skipif(
    not hasattr(select, "poll"), reason="this system tells of no pipe's room."
)


def pipe() -> tuple[BinaryIO, BinaryIO]:
    reader, writer = os.pipe()
    return os.fdopen(reader, "rb"), os.fdopen(writer, "wb")


def test_an_outbox_writes_all_and_ends_the_stream():
    reader, writer = pipe()
    outbox = Outbox(writer)
    for tick in range(100):
        outbox.send(Gesture(tick, b"\xb0\x01\x02"))
    outbox.close()
    with reader:
        assert [m.tick for m in messages(reader, ToEngine)] == list(range(100))


@given(st.lists(st.integers(0, 20_000), max_size=30))
def test_frames_keep_their_order_whoever_writes_them(sizes: list[int]):
    """Small ones are written at once, if nothing waits; large ones by the thread."""
    reader, writer = pipe()
    outbox, came = Outbox(writer), list[bytes]()
    reading = threading.Thread(target=lambda: came.extend(p for _, p in frames(reader)))
    reading.start()
    sent = [number.to_bytes(2, "big") + bytes(size) for number, size in enumerate(sizes)]
    for payload in sent:
        outbox.put(pack(PEER, payload))
    outbox.close(timeout=10)
    reading.join()
    reader.close()
    assert came == sent


class Slow(io.RawIOBase):
    """A pipe's end that writes when it may."""

    def __init__(self, writer: BinaryIO) -> None:
        self.writer, self.started, self.go = writer, threading.Event(), threading.Event()

    def fileno(self) -> int:
        return self.writer.fileno()

    def write(self, data: Any) -> int:
        self.started.set()
        assert self.go.wait(PATIENCE)
        written = self.writer.write(data)
        self.writer.flush()
        return written

    def close(self) -> None:
        self.writer.close()


@with_poll
def test_no_frame_goes_out_in_the_midst_of_another():
    reader, writer = pipe()
    slow = Slow(writer)
    outbox = Outbox(cast(BinaryIO, slow))
    large, small = bytes(2 * select.PIPE_BUF), b"small"
    outbox.put(pack(PEER, large))
    assert slow.started.wait(PATIENCE)
    outbox.put(pack(PEER, small))
    assert select.select([reader], [], [], 0)[0] == []
    slow.go.set()
    outbox.close(PATIENCE)
    with reader:
        assert [payload for _, payload in frames(reader)] == [large, small]


@with_poll
def test_a_frame_that_is_larger_than_the_room_makes_nobody_wait():
    reader, writer = pipe()
    os.set_blocking(writer.fileno(), False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer.fileno(), bytes(select.PIPE_BUF))
    os.set_blocking(writer.fileno(), True)
    os.read(reader.fileno(), select.PIPE_BUF)
    outbox = Outbox(writer)
    frame = pack(PEER, bytes(2 * select.PIPE_BUF))
    putting = threading.Thread(target=outbox.put, args=(frame,), daemon=True)
    putting.start()
    putting.join(PATIENCE)
    waits = putting.is_alive()
    reading = threading.Thread(target=reader.read, daemon=True)  # lets everybody go
    reading.start()
    outbox.close(PATIENCE)
    reading.join(PATIENCE)
    reader.close()
    assert not waits


@with_poll
def test_what_the_pipe_has_room_for_is_there_when_put_returns():
    reader, writer = pipe()
    outbox = Outbox(writer)
    outbox.put(pack(PEER, b"now"))
    os.set_blocking(reader.fileno(), False)
    assert os.read(reader.fileno(), 100) == pack(PEER, b"now")
    outbox.close()
    reader.close()


def test_who_sends_never_waits_and_the_oldest_is_dropped():
    reader, writer = pipe()
    outbox = Outbox(writer, limit=10)
    began = time.monotonic()
    for number in range(1000):
        outbox.put(pack(PEER, number.to_bytes(2, "big") * 1000))  # 2 MB into a pipe nobody reads
    assert time.monotonic() - began < 1
    assert outbox.dropped > 900
    outbox.close(timeout=0)
    with reader:
        numbers = [int.from_bytes(payload[:2], "big") for _, payload in frames(reader)]
    assert numbers == sorted(numbers)
    assert numbers[-10:] == list(range(990, 1000))


def test_a_reader_that_is_gone_is_no_error():
    reader, writer = pipe()
    reader.close()
    outbox = Outbox(writer)
    for _ in range(10):
        outbox.put(pack(PEER, b"x"))
        time.sleep(0.01)
    outbox.close()


def test_the_most_frames_that_waited_are_told():
    reader, writer = pipe()
    outbox = Outbox(writer, limit=10)
    for _ in range(1000):
        outbox.put(pack(PEER, bytes(2000)))  # into a pipe nobody reads
    assert outbox.deepest() == 10  # they wait now
    outbox.close(timeout=0)
    with reader:
        assert len(list(frames(reader))) >= 10
    assert outbox.deepest() == 10
    assert outbox.deepest() == 0
