"""Plans into messages: what sounds when on the answer channel, and what is closed.

Ticks are all it knows; the player asks it what is due. Whatever plans come, in whatever order, each
note-on gets exactly one note-off, and no pitch is struck twice without a note-off between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from presets.bar import Note, without_overlaps
from realtime.events import Plan
from realtime.output import CENTRE, SUSTAIN

AHEAD = 8  # plans that may wait for their turn; of more, the one furthest ahead is dropped
NEVER = -(1 << 62)  # a tick before every other
REST = b""  # among gestures: put the pedal and the bend at rest, as they were left


@dataclass(frozen=True, slots=True)
class _Turn:
    """At `tick` the plan takes over; notes with an onset up to `after` are not struck anew."""

    tick: int
    after: int
    plan: Plan


@dataclass(slots=True)
class _Due:
    """What one tick brings, in the order in which it is sent."""

    offs: list[int]
    gestures: list[bytes]
    ons: list[Note]


class Schedule:
    """`channel` is 0 to 15. Ends of sounding notes are kept beside them, never queued."""

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.dropped = 0  # plans that were too many
        self.at = NEVER  # everything up to this tick has been said
        self._turns: list[_Turn] = []  # by tick
        self._strikes: deque[Note] = deque()  # of the plan in force, by onset, each with its end
        self._early: list[tuple[int, Note]] = []  # (start of its plan, note), by onset
        self._hasty: dict[int, Note] = {}  # pitch -> early note that sounds before its plan
        self._gestures: deque[tuple[int, bytes]] = deque()
        self._hurried: list[tuple[int, int, bytes]] = []  # (tick, start of its plan, early gesture)
        self._expected: set[int] = set()  # starts of plans whose early strikes are known
        self._sounding: dict[int, int] = {}  # pitch -> the tick it ends
        self._left: dict[str, tuple[bytes, bytes]] = {}  # pedal, bend -> as said last, and at rest
        self._start = NEVER  # of the plan in force

    def add(self, plan: Plan) -> None:
        """Take a plan in: from `since` on it replaces what an earlier one said.

        One that comes late acts from now: what it strikes before now and still holds, sounds at
        once; what it has already let go is left out.
        """
        tick = max(plan.since, plan.start)
        turn = _Turn(tick, tick - 1, plan)
        if tick <= self.at:
            turn = _Turn(self.at, self.at, plan)
        if turn.tick >= plan.end:
            return
        if self.at < turn.tick == plan.start:
            self._expect(plan)
        span = range(plan.start, plan.end)  # shorter windows of another preset may lie in it
        others = (t for t in self._turns if t.plan.start not in span or t.tick < turn.tick)
        self._turns = sorted([*others, turn], key=lambda t: (t.tick, t.plan.start))
        if len(self._turns) > AHEAD:
            last = self._turns.pop().plan.start
            if all(t.plan.start != last for t in self._turns):
                self._early = [e for e in self._early if e[0] != last]
            self.dropped += 1

    def _expect(self, plan: Plan) -> None:
        """Note the plan's early strikes, in place of those of an earlier plan for its window."""
        first = plan.start - plan.early
        early = [n for n in _playable(plan) if first <= n.onset < plan.start]
        fresh = [n for n in early if not self._is_hasty(n) and n.end > self.at]
        others = [e for e in self._early if e[0] not in range(plan.start, plan.end)]
        expected = [*others, *((plan.start, n) for n in fresh)]
        self._early = sorted(expected, key=lambda e: e[1].onset)
        self._hurry(plan, first)

    def _hurry(self, plan: Plan, first: int) -> None:
        """The same for its early gestures, and for what is put at rest before them."""
        late = self.at if plan.start in self._expected else NEVER  # said already, or never
        early = [g for g in _gestures(plan, first, self.channel) if g[0] < plan.start]
        struck = (note.onset for note in _playable(plan) if note.onset >= first)
        rest = [(min([plan.start, *struck, *(g[0] for g in early)]), REST)] if plan.anew else []
        hurried = [
            (max(tick, self.at + 1), plan.start, data)
            for tick, data in (*rest, *early)
            if tick > late
        ]
        others = [h for h in self._hurried if h[1] not in range(plan.start, plan.end)]
        self._hurried = sorted([*others, *hurried], key=lambda h: h[:2])
        self._expected.add(plan.start)

    def _is_hasty(self, note: Note) -> bool:
        """Whether the note sounds already; its end may have become known since."""
        hasty = self._hasty.get(note.pitch)
        return hasty is not None and hasty.onset == note.onset

    def next_tick(self) -> int | None:
        """The next tick at which there is something to say, if there is one."""
        ticks = list(self._sounding.values())
        if self._turns:
            ticks.append(self._turns[0].tick)
        if self._strikes:
            ticks.append(self._strikes[0].onset)
        if self._early:
            ticks.append(self._early[0][1].onset)
        if self._gestures:
            ticks.append(self._gestures[0][0])
        if self._hurried:
            ticks.append(self._hurried[0][0])
        return min(ticks, default=None)

    def due(self, tick: int) -> list[bytes]:
        """All messages up to and including `tick`: note-offs, then gestures, then note-ons."""
        said: list[bytes] = []
        while (now := self.next_tick()) is not None and now <= max(tick, self.at):
            said += self._say(now)
        self.at = max(self.at, tick)
        return said

    def silence(self) -> list[bytes]:
        """Close what sounds, lift the pedal, centre the bend; what is planned stays planned."""
        said = [*(self._off(pitch) for pitch in sorted(self._sounding)), *self._rest()]
        self._sounding.clear()
        self._hasty.clear()
        return said

    def close_all(self) -> list[bytes]:
        """Close what sounds and forget every plan, and where the song was."""
        self._turns.clear()
        self._strikes.clear()
        self._early.clear()
        self._gestures.clear()
        self._hurried.clear()
        self._expected.clear()
        self.at = self._start = NEVER
        return self.silence()

    def _say(self, tick: int) -> list[bytes]:
        while self._turns and self._turns[0].tick <= tick:
            self._take_over(self._turns.pop(0))
        due = self._pop(tick)
        for pitch in due.offs:
            del self._sounding[pitch]
            if self._hasty.get(pitch) not in due.ons:
                self._hasty.pop(pitch, None)
        for note in due.ons:
            self._sounding[note.pitch] = note.end
        gestures = [said for data in due.gestures for said in self._gesture(data)]
        self.at = max(self.at, tick)
        return [
            *(self._off(pitch) for pitch in due.offs),
            *gestures,
            *(self._on(note) for note in due.ons),
        ]

    def _gesture(self, data: bytes) -> list[bytes]:
        """What to say for it; where it leaves the pedal or the bend is remembered."""
        if data == REST:
            return self._rest()
        if data[:2] == (pedal := bytes((0xB0 | self.channel, SUSTAIN))):
            self._left["pedal"] = data, pedal + b"\x00"
        elif data[0] & 0xF0 == 0xE0:
            self._left["bend"] = data, data[:1] + CENTRE
        return [data]

    def _rest(self) -> list[bytes]:
        said = [at_rest for data, at_rest in self._left.values() if data != at_rest]
        self._left.clear()
        return said

    def _pop(self, tick: int) -> _Due:
        ons: dict[int, Note] = {}
        while self._strikes and self._strikes[0].onset <= tick:
            note = self._strikes.popleft()
            ons[note.pitch] = note
        while self._early and self._early[0][1].onset <= tick:
            note = self._early.pop(0)[1]
            ons[note.pitch] = self._hasty[note.pitch] = note
        gestures: list[bytes] = []
        while self._hurried and self._hurried[0][0] <= tick:
            gestures.append(self._hurried.pop(0)[2])
        while self._gestures and self._gestures[0][0] <= tick:
            gestures.append(self._gestures.popleft()[1])
        offs = [p for p, end in self._sounding.items() if end <= tick or p in ons]
        return _Due(sorted(offs), gestures, [ons[pitch] for pitch in sorted(ons)])

    def _take_over(self, turn: _Turn) -> None:
        plan = turn.plan
        notes = [n for n in _playable(plan) if n.end > turn.tick]
        held = {n.pitch: n for n in notes if n.onset <= turn.after}
        if plan.start != self._start:
            self._early = [e for e in self._early if e[0] != plan.start]
            self._expected = {start for start in self._expected if start > plan.start}
            self._hasty.clear()
        for pitch in self._sounding:
            if pitch not in self._hasty:
                self._sounding[pitch] = held[pitch].end if pitch in held else turn.tick
        struck = [
            replace(n, onset=turn.tick, duration=n.end - turn.tick)
            for pitch, n in held.items()
            if pitch not in self._sounding and not _is_tail(n, plan)
        ]
        later = [n for n in notes if n.onset > turn.after]
        self._strikes = deque(sorted([*struck, *later]))
        # What came before a plan of a new window has not been said; of the same window, it has.
        first = turn.after + 1 if plan.start == self._start else plan.start
        self._gestures = deque(_gestures(plan, first, self.channel))
        self._start = plan.start

    def _on(self, note: Note) -> bytes:
        return bytes((0x90 | self.channel, note.pitch, note.velocity))

    def _off(self, pitch: int) -> bytes:
        return bytes((0x80 | self.channel, pitch, 64))


def _playable(plan: Plan) -> Iterable[Note]:
    """The plan's notes as MIDI can play them: in range, one to a key, none past the plan's end."""
    notes = (n for n in plan.notes if 0 <= n.pitch <= 127 and n.onset < plan.end)
    for note in without_overlaps(notes):
        yield replace(
            note,
            duration=min(note.end, plan.end) - note.onset,
            velocity=min(max(note.velocity, 1), 127),
        )


def _is_tail(note: Note, plan: Plan) -> bool:
    """Whether a key of the window before was let go a little after the line, and no more."""
    return note.onset < plan.start - plan.early and note.end <= plan.start + plan.early


def _gestures(plan: Plan, first: int, channel: int) -> Iterable[tuple[int, bytes]]:
    """Channel messages that are no notes, on the answer's channel, in the order of their ticks."""
    for tick, data in sorted(plan.gestures, key=lambda gesture: gesture[0]):
        if first <= tick < plan.end and data and 0xA0 <= data[0] < 0xF0:
            yield tick, bytes((data[0] & 0xF0 | channel, *data[1:]))
