"""A performance kept as a MIDI file: what was played and heard from `/glissar/record 1` to 0.

It is kept in memory; a thread writes what is new to a spool once a second, and the file at its end.
Nothing here is waited for.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import floor
from pathlib import Path

import platformdirs

from presets.bar import TICKS_PER_QUARTER, Meter
from presets.errors import GlissarError
from presets.whole import write_whole
from realtime import spool
from realtime.events import ANEW, Cue, Halted, Moment, Offer, Plan, Report, Trouble, Woke
from realtime.log import Gap, Logged
from realtime.tape import Tape

MOST = 100_000  # messages, 15 MB: over two hours of twelve a second
SPOOL_EVERY = 1.0  # s
LATELY = 64  # plans and cues by which a recording knows what sounds as it begins
PATIENCE = 2.0  # s for the file as glissar ends; what is not written is, from the spool, next time


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording has begun or ended; `file` is told when it is there."""

    on: bool
    file: str = ""


Put = Callable[[Recorded | Trouble], None]


def folder_of(setting: str) -> Path:
    """Where they are kept: as it is set, or in the user's own folder for data."""
    own = platformdirs.user_data_path("glissar", appauthor=False) / "recordings"
    return Path(setting) if setting else own


class Recording:
    """The engine's thread tells it what happens; any may ask for `midi`. `put` is called by either
    that thread or the recording's. `owner` is what no other glissar of this machine has, its port:
    the spools of those before it are its own to save."""

    def __init__(self, folder: Path, meter: Meter, channel: int, owner: int, put: Put) -> None:
        self._folder, self._meter, self._channel = folder, meter, channel
        self._owner, self._put = owner, put
        self._tape: Tape | None = None  # the last one
        self._lately: deque[tuple[int, Plan] | Cue] = deque(maxlen=LATELY)
        self._since: float | None = None  # monotonic seconds; None: nothing is recorded
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._save_lost, daemon=True, name="recording")
        self._thread.start()

    @property
    def seconds(self) -> float:
        return 0.0 if self._since is None else time.monotonic() - self._since

    def turn(self, on: bool, now: Moment) -> None:
        """Begin or end."""
        if on and self._since is None:
            self._begin(now)
        elif not on and self._since is not None:
            self._end()
        else:
            self._put(Recorded(on))

    def plan(self, number: int, plan: Plan) -> None:
        """It went to the player."""
        self._lately.append((number, plan))
        if self._tape and self._since is not None:
            self._tape.plan(number, plan)

    def hear(self, line: Logged) -> None:
        """All that a log is told."""
        if isinstance(line, Halted) or (isinstance(line, Cue) and line.number == ANEW):
            self._lately.clear()
        elif isinstance(line, Cue):
            self._lately.append(line)
        if self._tape is None or self._since is None:
            return
        _tell(self._tape, line)
        if len(self._tape.played) + len(self._tape.heard) >= MOST:
            full = f"the recording is full, at {MOST:,} messages; begin another."
            self._put(Trouble("record", full))
            self._end()

    def midi(self) -> bytes | None:
        """The last recording, as far as it has come; None before there is one."""
        return spool.midi(spool.closed(self._tape), self._meter) if self._tape else None

    def close(self) -> None:
        """End, and wait a moment for the file."""
        if self._since is not None:
            self._end()
        self._thread.join(PATIENCE)

    # --- the engine's thread ----------------------------------------------------------------------

    def _begin(self, now: Moment) -> None:
        """With the bar that the song is in."""
        tick, bar = floor(now.tick), self._meter.bar_ticks
        tape = Tape(now.rate * 60 / TICKS_PER_QUARTER, self._channel)
        tape.locate(tick, tick // bar * bar if now.rolling else tick, now.rolling)
        for told in self._lately:
            tape.cue(told) if isinstance(told, Cue) else tape.plan(*told)
        tape.forget()
        before, self._over = self._thread, threading.Event()
        self._tape, self._since = tape, time.monotonic()
        self._thread = threading.Thread(
            target=self._write, args=(tape, before, self._over), daemon=True, name="recording"
        )
        self._thread.start()
        self._put(Recorded(True))

    def _end(self) -> None:
        assert self._tape
        self._tape.catch_up()
        self._tape.end()
        self._since = None
        self._over.set()
        self._put(Recorded(False))

    # --- the recording's thread -------------------------------------------------------------------

    def _write(self, tape: Tape, before: threading.Thread, over: threading.Event) -> None:
        before.join()
        file = _free(self._folder)
        kept = spool.Spool(spool.of(file, self._owner))
        while not over.wait(SPOOL_EVERY):
            self._append(kept, tape)
        self._append(kept, tape)
        self._file(file, spool.closed(tape), kept)

    def _append(self, kept: spool.Spool, tape: Tape) -> None:
        try:
            kept.append(tape)
        except OSError as error:
            if not kept.lame:
                why = f"{kept.path.parent} cannot be written to ({error.strerror})"
                self._put(Trouble("record", f"{why}: the recording is in memory alone; make room."))
            kept.lame = True

    def _file(self, file: Path, taken: spool.Taken, kept: spool.Spool) -> None:
        try:
            write_whole(file, spool.midi(taken, self._meter))
        except GlissarError as error:
            why = str(error).split(";")[0]
            self._put(
                Trouble("record", f"{why}; /panel/session.mid has the recording till the next.")
            )
        else:
            kept.remove()
            self._put(Recorded(False, str(file)))

    def _save_lost(self) -> None:
        """What engines recorded that died."""
        for path in spool.left(self._folder, self._owner):
            with contextlib.suppress(OSError):  # another time, then
                self._file(spool.file_of(path), spool.read(path), spool.Spool(path))


def _tell(tape: Tape, line: Logged) -> None:
    match line:
        case Cue():
            tape.cue(line)
        case Moment():
            tape.moment(line)
        case Gap() | Offer() | Report():
            pass
        case _:
            tape.event(line)
            if isinstance(line, Woke):
                tape.catch_up()


def _free(folder: Path) -> Path:
    """A file's name that nobody has."""
    stem = time.strftime("glissar-%Y-%m-%d-%H%M%S")
    names = (f"{stem}{f'-{n}' if n else ''}.mid" for n in itertools.count())
    return next(path for name in names if not (path := folder / name).exists())
