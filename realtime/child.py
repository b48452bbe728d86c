"""One of the supervisor's children: its process, its pipes, and what it leaves to the next one."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from presets.bar import Meter
from realtime.household import LOST, Begin, Pulse
from realtime.inbox import Inbox
from realtime.settings import Settings
from realtime.spare import Process, Spare
from realtime.wire import PEER, Outbox, WireError, encode, frames, pack

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # s before a child is started again that died again
STEADY = 3.0  # s after which a child that dies is started again at once
SETTLED = 2.0  # s after which its spare is made: who has just come back has better to do
PULSE = 0.5  # s between two questions whether a child is alive
GRACE = 1.0  # s that a child has to leave
MISSED = 4  # pulses in a row without an answer: it hangs


@dataclass(frozen=True, slots=True)
class Said:
    child: Child
    payload: bytes


@dataclass(frozen=True, slots=True)
class Gone:
    child: Child


@dataclass(frozen=True, slots=True)
class Stop:
    pass


@dataclass(frozen=True, slots=True)
class Silence:
    """A person wants everything closed."""


Item = Said | Gone | Stop | Silence


class Child:
    """One child process after another, under one name, with what the last one left behind."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.spare = Spare(command)
        self.peer: Child | None = None
        self.state = b""
        self.up = False  # has one of this name been up?
        self.here = False  # is this one, so that its pulse can be felt?
        self.hung = ""  # why it was killed, if it gave no answer
        self.lost = False  # it waits for something to come back, and that was said
        self.starts = 0
        self.restarts = 0  # times it died and came back
        self.reconnects = 0  # times that what it waited for came back
        self._dropped = 0  # frames, by the outboxes of those that are gone
        self.restart_at: float | None = None
        self._unanswered = 0  # pulses
        self._limit = MISSED  # of pulses without a word
        self._pause = 0.0
        self._started = 0.0
        self._process: Process | None = None
        self._outbox: Outbox | None = None
        self._reader: threading.Thread | None = None

    def start(self, settings: Settings, meter: Meter, ledger: str, inbox: Inbox[Item]) -> None:
        self._process = self.spare.take()
        self._limit = round(settings.ready_within / PULSE)
        self.starts += 1
        self._unanswered = 0
        self.restart_at = None
        self._started = time.monotonic()
        self._outbox = Outbox(_binary(self._process.stdin))
        self.send(encode(Begin(settings, meter, ledger, self.up, self.state)))
        self._reader = threading.Thread(target=self._read, args=(self._process, inbox), daemon=True)
        self._reader.start()

    def send(self, frame: bytes) -> None:
        """Pass a frame on. It never waits: a child that hangs loses its oldest frames."""
        if self._outbox:
            self._outbox.put(frame)

    @property
    def dropped(self) -> int:
        """Frames that it was too slow to read."""
        return self._dropped + (self._outbox.dropped if self._outbox else 0)

    def feel_pulse(self) -> None:
        """Ask whether its main loop turns; kill it if it has not answered, or begun, for long.

        It is pulses that are counted, not seconds: who asks stands still with the machine, or with
        a household that is stopped as a whole, and asks once when it goes on.
        """
        if self._process is None:
            return
        if self._unanswered >= self._limit:
            self.hung = "it hung" if self.here else "it was never ready"
            self.here = False
            self._process.kill()
            return
        self._unanswered += 1
        if self.here:
            self.send(encode(Pulse()))

    def answered(self) -> None:
        self._unanswered = 0

    def arrived(self) -> None:
        """It is ready, and has little time to answer from here on."""
        self.up = self.here = True
        self._unanswered, self._limit = 0, MISSED

    def prepare(self) -> None:
        """Have another process wait, in case it dies."""
        if self.here and time.monotonic() - self._started > SETTLED:
            self.spare.make()

    def reap(self) -> int:
        """The exit code of the process that is gone; set the time for the next one."""
        process, self._process = self._process, None
        self.here = False
        if self._outbox:
            self._outbox.close(0)
            self._dropped += self._outbox.dropped
        self._outbox = None
        now = time.monotonic()
        if now - self._started > STEADY:
            self._pause = 0.0
        code = process.wait() if process else 0
        if code == LOST:  # the next one waits for what is lost, and need not be waited for
            self._pause = FIRST_PAUSE
        self.restart_at = now + self._pause
        self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        return code

    def ask_to_leave(self) -> None:
        self.spare.end()
        if self._process and self._outbox:
            self._outbox.close(0)
            self._process.terminate()

    def see_off(self, patience: float) -> None:
        """Wait for it to be gone, but not beyond `patience` (monotonic): then it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, patience - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._reader and self._outbox:
            self._reader.join(GRACE)
            self._outbox.close()

    def _read(self, process: Process, inbox: Inbox[Item]) -> None:
        """Until the child is gone: its frames to its peer or to the supervisor."""
        try:
            with _binary(process.stdout) as stream:
                for destination, payload in frames(stream):
                    if destination != PEER:
                        inbox.put(Said(self, payload))
                    elif self.peer:
                        self.peer.send(pack(PEER, payload))
        except (WireError, OSError, ValueError):
            process.kill()  # whatever it speaks, it is not ours
        process.wait()
        inbox.insist(Gone(self))


def _binary(stream: IO[bytes] | None) -> BinaryIO:
    return cast("BinaryIO", stream)
