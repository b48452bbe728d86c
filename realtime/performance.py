"""All that the player does, given the time: thru, transport, schedule, clicks, wakes.

It has one owner thread, reads no clock and waits for nothing; `realtime.player` runs it.
"""

from __future__ import annotations

import functools
import heapq
import math
from collections import deque
from collections.abc import Callable, Iterable

from msgspec import Struct

from presets.bar import TICKS_PER_QUARTER, Meter
from realtime.claims import CONTROLLER, RINGS, Claims, Rings
from realtime.clock_out import LEAD, ClockOut
from realtime.counters import Counters
from realtime.events import (
    ANEW,
    CLOSED,
    HELD,
    Claim,
    Cue,
    Feed,
    Halt,
    Halted,
    Hello,
    Moment,
    Panic,
    Play,
    Roll,
    Rolling,
    SetSource,
    SetTempo,
    SetThru,
    ToEngine,
    ToPlayer,
    Wake,
    Woke,
)
from realtime.follower import TICKS_PER_CLOCK, Follower
from realtime.keys import Hands, Keys
from realtime.linked import Beat, LeaveSession, Linked, Order
from realtime.metronome import Metronome
from realtime.output import NOTES_OFF, OUTPUT, SOUND_OFF, SUSTAIN, Output
from realtime.retold import Retold
from realtime.schedule import Schedule
from realtime.settings import Settings
from realtime.thru import Thru, is_channel_message, plain
from realtime.transport import Change, Internal, Map

WAKES = 64  # that may be asked for at once
HELD_PLANS = 64  # that wait through a silent clock
STALE = 5.0  # s after which a stopped performance is not taken up again
STOOD = 0.25  # s behind its deadlines after which a performance has stood still, and is not late
EPSILON = 1e-3  # ticks: a deadline that was met is met

CLOCK = 0xF8


class Kept(Struct, frozen=True):
    """What a player hands on to the next one, should it die."""

    moment: Moment
    source: str
    thru: bool
    song: int = 0
    claim: Claim = Claim()


def _unlinked(_: Order) -> None:
    """There is no Link session to join."""


def _unshown(_: bytes) -> None:
    """There is no controller that shows anything."""


class Performance:
    """`tell` speaks to the engine, `keep` to whoever comes after, `link` to a session of Ableton
    Link, `show` to a controller. Times are monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        meter: Meter,
        output: Output,
        tell: Callable[[ToEngine], None],
        keep: Callable[[Kept], None],
        link: Callable[[Order], None] = _unlinked,
        show: Callable[[bytes], None] = _unshown,
    ) -> None:
        midi = settings.midi
        self.settings = settings
        self.meter = meter
        self.output = output
        self.tell = tell
        self.keep = keep
        self.link = link
        self.counters = Counters()
        self.thru = Thru(midi.thru_channel - 1, midi.thru)
        self.schedule = Schedule(midi.answer_channel - 1)
        self.metronome = Metronome(meter, midi.click_channel - 1, settings.transport.metronome)
        self.clock = ClockOut(midi.clock_out)
        self.channels = sorted({self.thru.channel, self.schedule.channel, self.metronome.channel})
        # Whether the output leads back to the input: then what we said just now is not played.
        self.looped = bool(midi.input) and midi.input == midi.output
        self._input_latency = settings.latency.input / 1e3
        self._output_latency = settings.latency.output / 1e3
        self._panic_controllers = {midi.panic_controller} - {0}
        channel = settings.controller.program_channel
        self._claims, self._rings = Claims(tell, channel, self._panic_controllers), Rings(show)
        self._channels = (midi.input_channel, *midi.more_channels)  # of each input; 0: any
        self._keys = Keys()
        self._hands = Hands()
        self._retold = Retold()
        self._wakes: list[int] = []  # a heap
        self._held: deque[Play] = deque(maxlen=HELD_PLANS)  # until a silent clock is back
        self._song = 0
        self._heir = False  # it is to take up the song of a player that died
        self._milestone = math.inf  # the tick of a ramp at which its tempo is told next
        self._promised = math.inf  # when the next message is to be sent
        self._count_in = settings.transport.count_in * meter.bar_ticks
        self.linked: Linked | None = None
        self._due_at = math.inf  # when there is something to do by itself
        self._source(settings.transport.source, settings.transport.tempo)

    @property
    def map(self) -> Map:
        return self.transport.map

    def resume(self, kept: Kept, now: float) -> None:
        """Take up where a player that died left off, if that was just now."""
        self._cue(ANEW)
        self.thru.on, self._song = kept.thru, kept.song + 1
        self._claims.set(kept.claim)
        bpm = kept.moment.rate / TICKS_PER_CLOCK * 60 / 24
        self._source(kept.source, bpm)
        if kept.moment.rolling and now - kept.moment.time > STALE and self.follower:
            return
        self._heir = kept.moment.rolling
        if self.follower:
            self.transport = self.follower = Follower.resumed(kept.moment, now)
        elif self.linked:
            self.linked.resume(kept.moment)
        else:
            self.transport = Internal.resumed(kept.moment)
        if self.map.rolling:
            self._changed((Rolling(math.ceil(self.map.tick_at(now))),), now)
            self._await_milestone(now)

    # --- MIDI in ----------------------------------------------------------------------------------

    def arrive(self, stamp: float, data: bytes, now: float, place: int = 0) -> None:
        """A message came in at `stamp`, by the input at `place`. What it means to be passed on is
        sent first of all."""
        if not data:
            return
        if data[0] >= 0xF0:
            self._follow(data, stamp - self._input_latency, now)
            return
        if not is_channel_message(data):
            self.counters.counts["malformed"] += 1
            return
        if self._claims.take(stamp, data, place):
            return
        wanted = self._channel_of(place)
        if wanted and data[0] & 0x0F != wanted - 1:
            return
        if self.looped and self.output.said(data, stamp):
            self.counters.counts["feedback"] += 1
            return
        if data[0] & 0xF0 == 0xB0 and data[1] in self._panic_controllers and data[2] >= 64:
            self._panic(Panic(), now)
            return
        self._hands.hear(place, plain(data))
        self._pass_on(plain(data), stamp - self._input_latency, now)

    def _channel_of(self, place: int) -> int:
        """The channel that is heard of an input; 0: any."""
        return 0 if place == CONTROLLER else self._channels[min(place, len(self._channels) - 1)]

    def _pass_on(self, message: bytes, time: float, now: float) -> None:
        passed = self.thru.pass_on(message)
        self.output.say(passed, now)
        self.counters.counts["thru"] += len(passed)
        tick = round(self.map.tick_at(time))
        for event in self._keys.events(message, tick):
            self.tell(event)
            self._retold.hear(event)

    def _follow(self, data: bytes, time: float, now: float) -> None:
        if self.follower is None:
            return
        self._heir &= data[0] == CLOCK  # else the song is another
        self._changed(self.follower.message(time, data), now)
        if data[0] == CLOCK:
            self._mirror_clock()
            while self._held:
                self._play(self._held.popleft(), now)

    def _mirror_clock(self) -> None:
        """A followed map changes with every clock: mirror it once a beat, and after a stall."""
        if self._stalled or (self.map.rolling and self.map.tick % self.meter.beat_ticks == 0):
            self._stalled = False
            self._mirror(self.map.moment)

    def hear(self, beat: Beat, now: float) -> None:
        """Where the Link session is. It is mirrored once a beat, and when its tempo changes."""
        if self.linked is None:
            return  # it was left just now
        before = self.map
        self._changed(self.linked.hear(beat), now)
        beats = [here.tick // self.meter.beat_ticks for here in (before, self.map)]
        if before.rate != self.map.rate or beats[0] != beats[1]:
            self._mirror(self.map.moment)

    # --- what comes and goes ----------------------------------------------------------------------

    def unplugged(self, place: int, now: float) -> None:
        """The port at `place` is gone, or one of several that were connected to it: what it holds
        is let go, for whoever plays it cannot do so any more."""
        if place == OUTPUT:
            self.output.cut(now)
        for message in self._hands.let_go(place):
            self._pass_on(message, now, now)

    def plugged(self, place: int, now: float) -> None:
        """It is there again; whoever follows our clock there must be told where the song is."""
        self.counters.counts["reconnects"] += 1
        if place == OUTPUT:
            self.output.mend(now)
            self._relocate(now)
        elif place == RINGS:
            self._rings.again()

    def slept(self, now: float) -> None:
        """The machine slept, and its clock with it: the song goes on, but nothing rings on."""
        self._silence(now)

    def catch_up(self, now: float) -> None:
        """To be called before anything else is done at `now`. Where this process stood still for
        long, nothing that is late is said at once: what sounds is closed, and a song of our own
        goes on from where it was; in another's, what would have been said is left out."""
        if now - self._due_at < STOOD:
            return
        self._silence(now)
        self.counters.counts["stood"] += 1
        if isinstance(self.transport, Internal):
            self.transport.hold(self._due_at, now)
            self._mirror(self.map.moment)
        else:
            self._due(math.floor(self.map.tick_at(now + self._output_latency)))
            self._relocate(now)
        self.deadline()

    def _relocate(self, now: float) -> None:
        if self.map.rolling and self.follower is None:
            self.output.say(self.clock.locate(math.ceil(self.map.tick_at(now))), now)

    # --- the engine -------------------------------------------------------------------------------

    @functools.singledispatchmethod
    def said(self, message: ToPlayer, now: float) -> None:
        """Do what the engine says."""
        raise TypeError(f"no such message: {message}")

    @said.register
    def _play(self, message: Play, now: float) -> None:
        """What a plan strikes through a silent clock would hang until it is back: it waits."""
        if message.song != self._song:
            return
        if self._stalled:
            self._held.append(message)
            return
        self._cue(message.number)
        self.schedule.add(message.plan)

    @said.register
    def _wake(self, message: Wake, now: float) -> None:
        heapq.heappush(self._wakes, message.tick)
        if len(self._wakes) > WAKES:  # the furthest ahead is of a song that was left
            self._wakes = heapq.nsmallest(WAKES, self._wakes)
            self.counters.counts["dropped_wakes"] += 1

    @said.register
    def _hello(self, message: Hello, now: float) -> None:
        self._wakes.clear()
        self.tell(self.map.moment)
        if self.map.rolling:
            for event in self._retold.again(math.floor(self.map.tick_at(now)), self._song):
                self.tell(event)

    @said.register
    def _roll(self, message: Roll, now: float) -> None:
        lead = LEAD + self._output_latency if self.clock.on else 0.0
        self._changed(self.transport.roll(now + lead, self._count_in), now)
        if self.linked and not message.alone:
            self.linked.share(True)

    @said.register
    def _halt(self, message: Halt, now: float) -> None:
        self._changed(self.transport.halt(now), now)
        if self.linked:
            self.linked.share(False)

    @said.register
    def _set_tempo(self, message: SetTempo, now: float) -> None:
        self.transport.set_tempo(now, message.bpm, message.beats)
        self._mirror(self.map.moment)
        self._await_milestone(now)

    @said.register
    def _set_source(self, message: SetSource, now: float) -> None:
        if message.source == self.source:
            return
        rolls = self.map.rolling
        self._changed(self.transport.halt(now), now)
        self._source(message.source, self.map.rate / TICKS_PER_CLOCK * 60 / 24)
        if rolls and self.linked:  # the song goes on in the session, from its beginning
            self._changed(self.transport.roll(now), now)
        self._mirror(self.map.moment)

    @said.register
    def _set_thru(self, message: SetThru, now: float) -> None:
        self.thru.on = message.on
        if not message.on:
            self.output.say(self.thru.close_all(), now)
        self._mirror(self.map.moment)

    @said.register
    def _panic(self, message: Panic, now: float) -> None:
        self._silence(now)
        self.output.control((SOUND_OFF, NOTES_OFF), self.channels, now)
        if message.every_key:
            self.output.every_key(self.channels, now)

    @said.register
    def _claim(self, message: Claim, now: float) -> None:
        self._claims.set(message)
        self._mirror(self.map.moment)

    @said.register
    def _feed(self, message: Feed, now: float) -> None:
        self._rings.show(message.messages)

    # --- time -------------------------------------------------------------------------------------

    def deadline(self) -> float:
        """When `act` has something to do, if nothing comes before; infinity: not by itself."""
        self._promised = self.map.time_at(self._next_tick()) - self._output_latency
        wake = self.map.time_at(self._wakes[0]) if self._wakes else math.inf
        milestone = self.map.time_at(self._milestone)
        self._due_at = min(self._promised, wake, milestone)
        return min(self._due_at, self._silent_after())

    def act(self, now: float) -> None:
        """Send what is due, say what has come."""
        if self.map.rolling:
            self._send_due(now)
            tick = self.map.tick_at(now) + EPSILON
            while self._wakes and self._wakes[0] <= tick:
                self.tell(Woke(heapq.heappop(self._wakes)))
            if tick >= self._milestone:
                self._mirror(self.map.at(now).moment)
                self._await_milestone(now)
        if now >= self._silent_after():
            self._stalled = True
            self._cue(CLOSED)
            self.output.say([*self.schedule.silence(), *self.metronome.silence()], now)
            self._mirror(Moment(self.map.limit, now, self.map.rate, rolling=False))
        self._report(now)

    def close(self, now: float) -> None:
        """Close everything that sounds, and stop whoever follows our clock."""
        self._silence(now)
        self.output.say(self.clock.close(), now)

    def _silence(self, now: float) -> None:
        """Close everything that sounds, lift the pedal and centre the bend."""
        self._cue(CLOSED)
        self.thru.close_all()
        self.metronome.silence()
        self.schedule.silence()
        self.output.close_all(now)
        self.output.control((SUSTAIN,), self.channels, now)
        self.output.centre(self.channels, now)

    def _next_tick(self) -> float:
        """The next tick at which something is to be sent; infinity where there is none."""
        nexts = (voice.next_tick() for voice in (self.clock, self.schedule, self.metronome))
        return min((tick for tick in nexts if tick is not None), default=math.inf)

    def _send_due(self, now: float) -> None:
        last = math.floor(self.map.tick_at(now + self._output_latency) + EPSILON)
        messages = self._due(last)
        self.output.say(messages, now)
        if messages and self._promised <= now:
            self.counters.sent(now - self._promised)

    def _due(self, last: int) -> list[bytes]:
        """All up to the tick `last`, tick by tick; a clock goes before the notes of its tick."""
        messages: list[bytes] = []
        tick = self._next_tick()
        while tick < last:
            messages += self._say(math.floor(tick))
            tick = self._next_tick()
        return messages + self._say(last)

    def _say(self, tick: int) -> list[bytes]:
        return [*self.clock.due(tick), *self.schedule.due(tick), *self.metronome.due(tick)]

    def _await_milestone(self, now: float) -> None:
        """On a ramp the tempo is told once a quarter note, and at its end."""
        here = self.map.at(now)
        left = here.ramp.until - here.tick if here.ramp else 0.0
        self._milestone = here.tick + min(left, TICKS_PER_QUARTER) if left > EPSILON else math.inf

    def _silent_after(self) -> float:
        if self.follower is None or self._stalled or not self.map.rolling:
            return math.inf
        return self.follower.silent_after

    def _changed(self, changes: Iterable[Change], now: float) -> None:
        for change in changes:
            self._retold.begin(change.tick)
            if isinstance(change, Halted):
                self._song += 1
                self._cue(HELD)
                self.output.say([*self.schedule.close_all(), *self.metronome.close_all()], now)
                self.output.say(self.clock.close(), now)
                self._wakes.clear()
                self._milestone = math.inf
            else:
                change = Rolling(change.tick, self._song, again=self._heir)
                self.metronome.locate(max(change.tick, -self._count_in))
                if self.follower is None:
                    self.output.say(self.clock.locate(change.tick), now)
            self._heir = False
            self._mirror(self.map.moment)
            self.tell(change)

    def _cue(self, number: int) -> None:
        """What is done to the schedule, and when: a replay of the log does it then too."""
        if self.settings.log:
            self.tell(Cue(self.schedule.at, number))

    def _mirror(self, moment: Moment) -> None:
        self.tell(moment)
        claim = self._claims.claim
        self.keep(Kept(self.map.moment, self.source, self.thru.on, self._song, claim))

    def _source(self, source: str, bpm: float) -> None:
        if self.linked:
            self.link(LeaveSession())
        self.source = source
        self.follower = Follower(bpm) if source == "clock" else None
        self.linked = Linked(bpm, self.meter.bar_ticks, self.link) if source == "link" else None
        self.transport = self.follower or self.linked or Internal(bpm)
        self._stalled = False

    def _report(self, now: float) -> None:
        if report := self.counters.report(now, self._gauges):
            self.tell(report)

    def _gauges(self) -> dict[str, float]:
        gauges: dict[str, float] = {"dropped_plans": self.schedule.dropped}
        if self.follower:
            gauges |= {"clocks": self.follower.clocks, "stalls": self.follower.stalls}
        if self.linked:
            gauges["link_peers"] = self.linked.peers
        return gauges
