"""What was played and heard, in ticks, as the player's cues tell it: of a log, or as it happens.

Time never goes back: what begins anew after a halt follows what was before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from presets.bar import TICKS_PER_QUARTER
from realtime.events import (
    ANEW,
    CLOSED,
    Answer,
    Control,
    Cue,
    Gesture,
    Halted,
    Moment,
    NoteOff,
    NoteOn,
    Plan,
    Rolling,
    SessionEvent,
)
from realtime.performance import RETOLD
from realtime.schedule import NEVER, Schedule

Timed = tuple[int, bytes]  # tick, message as bytes
SLOWEST = (1 << 24) - 1  # microseconds a quarter note, as MIDI files can say it
WAITING = 256  # plans that may be on their way; of more, the oldest never arrived


class Tape:
    """`channel` is the answers', 0 to 15; `tempo` is in quarter notes a minute."""

    def __init__(self, tempo: float, channel: int) -> None:
        self.played: list[Timed] = []
        self.heard: list[Timed] = []  # on the answers' channel
        self.tempos = [(0, min(round(60e6 / tempo), SLOWEST))]  # (tick, microseconds a quarter)
        self.now = self._shift = 0  # the song's tick; with the shift, the tape's
        self._channel = channel
        self._schedule = Schedule(channel)
        self._rolling, self._rolled = False, 0  # and since which tick
        self._rate = 0.0  # ticks a second, where the player told
        self.begin(cued=True)

    def begin(self, cued: bool) -> None:
        """Another engine, which counts its plans anew: the player's schedule goes on. `cued`: the
        player tells when plans came in; else they are taken to be in time."""
        self._cued = cued
        self._waiting: dict[int, Plan] = {}

    def locate(self, tick: int, line: int, rolling: bool) -> None:
        """Begin in the midst of a song, at `tick`; the tape's beginning is at `line`."""
        self._rolling, self._rolled, self.now, self._shift = rolling, tick, tick, -line

    def forget(self) -> None:
        """What sounds till now is known, and not kept."""
        self.catch_up()
        self.played.clear()
        self.heard.clear()

    @property
    def place(self) -> int:
        """Where the tape is, in ticks from its beginning."""
        return max(0, self.now + self._shift)

    # --- what happened ----------------------------------------------------------------------------

    def plan(self, number: int, plan: Plan) -> None:
        """The engine sent it."""
        if not self._cued:
            self._schedule.add(plan)
            return
        self._waiting[number] = plan
        if len(self._waiting) > WAITING:
            del self._waiting[next(iter(self._waiting))]

    def event(self, event: SessionEvent) -> None:
        """To be told before what the session does about it."""
        if isinstance(event, Rolling):
            self._roll(event.tick)
        if not self._cued:
            self.now = max(self.now, event.tick)
            self._until(self.now - 1)
        elif not isinstance(event, Answer | Control):  # their ticks are the engine's guess
            self.now = max(self.now, event.tick)
        self._keep(event)
        if isinstance(event, Halted):
            self._silence()
            self._rolling = False

    def cue(self, cue: Cue) -> None:
        if cue.tick == NEVER and cue.number in (CLOSED, ANEW):
            self.catch_up()  # it is another player's, which knows nothing of what was said
        self.now = max(self.now, cue.tick)
        self._until(cue.tick)
        if plan := self._waiting.pop(cue.number, None):  # or of an engine that is gone
            self._schedule.add(plan)
        elif cue.number == CLOSED:
            self._say(self.now, self._schedule.silence())
        elif cue.number == ANEW:
            self._silence()
            self._schedule, self._rolling = Schedule(self._channel), False

    def moment(self, moment: Moment) -> None:
        self._rate = moment.rate
        if self._rolling:
            self._mark(round(moment.tick))

    def catch_up(self) -> None:
        """To what had surely been said when the last that is known happened."""
        if self._cued and self._rolling:
            self._until(self.now - 1)

    def end(self) -> None:
        """Close what still sounds."""
        self._silence()
        self.played += let_go(self.played, self.place)

    # --- the schedule -----------------------------------------------------------------------------

    def _roll(self, tick: int) -> None:
        if not self._cued:  # after a halt, or after a player that died
            self._silence()
        self._shift, self.now = max(self._shift, self.now + self._shift - tick), tick
        self._rolling, self._rolled = True, tick
        self._mark(tick)

    def _until(self, tick: int) -> None:
        while (now := self._schedule.next_tick()) is not None and now <= tick:
            self._say(now, self._schedule.due(now))
        self._schedule.due(tick)

    def _silence(self) -> None:
        """As the player does when the transport stops: notes are closed and plans dropped."""
        self._say(self.now, self._schedule.close_all())

    def _say(self, tick: int, messages: Sequence[bytes]) -> None:
        self.heard += [(tick + self._shift, data) for data in messages]

    # --- what was played --------------------------------------------------------------------------

    def _keep(self, event: SessionEvent) -> None:
        match event:
            case NoteOn(tick, pitch, velocity, channel):
                data = bytes((0x90 | channel, pitch, velocity))
            case NoteOff(tick, pitch, channel):
                data = bytes((0x80 | channel, pitch, 64))
            case Gesture(tick, data):
                pass
            case _:
                return
        timed = max(0, tick + self._shift), data
        if tick < self._rolled and timed in self.played[-RETOLD:]:
            return  # told again, to an engine that came for one that died
        self.played.append(timed)

    def _mark(self, tick: int) -> None:
        """The tempo from here on."""
        if self._rate > 0:
            tempo = min(round(60e6 / (self._rate * 60 / TICKS_PER_QUARTER)), SLOWEST)
            if tempo != self.tempos[-1][1]:
                self.tempos.append((max(0, tick + self._shift), tempo))


def let_go(messages: Sequence[Timed], end: int) -> list[Timed]:
    """Note-offs at `end` for every key that they leave held."""
    held: dict[tuple[int, int], None] = {}  # (channel, pitch), in the order they were struck
    for _, data in messages:
        if data[0] & 0xF0 == 0x90:
            held[data[0] & 0x0F, data[1]] = None
        elif data[0] & 0xF0 == 0x80:
            held.pop((data[0] & 0x0F, data[1]), None)
    return [(end, bytes((0x80 | channel, pitch, 64))) for channel, pitch in held]
