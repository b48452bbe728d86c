"""All musical behaviour: a pure function of stamped events.

It reads no clock, owns no thread and calls no model. `handle` yields actions in the order in which
they should be done; inference is asked for by `Request` and comes back as an `Answer`. What is
played in window k sounds, moved, in window k + delay; the dry window is always planned first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from presets.bar import Window
from presets.encoding import Encoding
from presets.graphs import ENERGY
from presets.manifest import Manifest
from realtime import events, heirs, morph, swap, telling, windows
from realtime.controls import ROOT, let_go
from realtime.desk import Desk
from realtime.events import (
    Action,
    Decoded,
    Echo,
    Look,
    Play,
    Request,
    Swapped,
    Trouble,
    Wake,
)
from realtime.history import History
from realtime.recorder import Recorder
from realtime.slot import Slot
from realtime.state import State, Taken

STRAIGHT = (
    f"{{}} has no {ENERGY}, so it morphs on a straight line; presets of the house model have one."
)


class Session:
    """One performance with one preset. `missing` as in `Desk`."""

    def __init__(
        self,
        manifest: Manifest,
        state: State | None = None,
        seed: int = 0,
        missing: Mapping[str, str] | None = None,
    ) -> None:
        self._history, self._missing = History(), missing or {}
        self._shown = windows.Told()
        self._adopt(manifest, state or State())
        self._seed = seed
        self._recorder = Recorder(self._grid)
        self._window = 0  # the one being captured
        self._song = 0
        self._rolling, self._rolled = False, 0  # and since which tick
        self._played: int | None = None  # where the last window began that was played
        self._ids = 0
        self._failed = 0
        self._next: tuple[Manifest, str] | None = None  # a preset that waits for its line

    def _adopt(self, manifest: Manifest, state: State) -> None:
        """Play with this preset; what an earlier one was asked for is not waited for."""
        self.encoding: Encoding = manifest.encoding()
        self._grid = self.encoding.grid
        self._desk = Desk.of(manifest, state, self._history, self._missing)
        self._slots: dict[int, Slot] = {}
        self._joining = 0  # the request for a path that is under way
        self._curved, self._mapped = ENERGY in manifest.files, bool(manifest.free)

    @property
    def preset(self) -> str:
        return self._desk.preset

    @property
    def state(self) -> State:
        return self._desk.state

    def chosen(self) -> Iterator[events.Echo]:
        """Everything that is set, for surfaces that have just come."""
        return self._desk.tell_all()

    def handle(self, event: events.SessionEvent) -> Iterator[Action]:
        """What to do about `event`, most urgent first. Exhaust the iterator."""
        match event:
            case events.NoteOn() | events.NoteOff() | events.Gesture():
                self._recorder.hear(event)
            case events.Rolling():
                self._song = event.song
                yield from self._roll(event)
            case events.Halted():
                self._halt()
                if self._next:
                    yield from self._change_over(event.tick)
            case events.Woke():
                yield from self._wake(event.tick)
            case events.Control():
                yield from self._control(event)
            case events.Recalled():
                yield from self._recall(event)
            case events.Answer():
                yield from self._answer(event)

    def offer(self, manifest: Manifest, name: str) -> Iterator[Action]:
        """Go over to another preset of the same meter, which a person calls `name`: at the next
        line at which its windows and these begin, and one of its own is known; at once where the
        song stands."""
        self._next = manifest, name
        if not self._rolling:
            yield from self._change_over(0)

    # --- time -------------------------------------------------------------------------------------

    def _roll(self, event: events.Rolling) -> Iterator[Action]:
        if event.again and self._rolling:
            yield from self._go_on(event.tick)
            return
        self._halt()
        self._rolling, self._rolled = True, event.tick
        self._recorder.clear(event.tick if event.since is None else event.since)
        self._window = heirs.first(event, self._grid, self.state.delay)
        yield Wake(self._close if event.since is None else max(self._close, event.tick))
        yield from self._join()  # where an engine was lost, or could not find it

    def _go_on(self, tick: int) -> Iterator[Action]:
        """Another player took the song up: the windows are the same, the keys are let go."""
        self._rolled = tick
        self._recorder.let_go(tick)
        self._window = max(self._window, tick // self._grid.length - self.state.delay)
        yield from heirs.plans(self._slots.values(), tick, self.state.edit, self._song)
        yield Wake(max(self._close, tick))

    def _halt(self) -> None:
        self._rolling = False
        self._played = None
        self._recorder.clear()
        self._slots.clear()

    def _wake(self, tick: int) -> Iterator[Action]:
        while self._rolling and tick >= self._close:
            yield from self._change_over(tick) if self._turns() else self._close_window()
        if self._desk.gliding:
            yield from self._glide(tick)
        for slot in list(self._slots.values()):
            if 0 <= slot.settles <= tick:
                yield from self._settle(slot)

    @property
    def _close(self) -> int:
        """The tick at which the window being captured closes."""
        return self._line - self._grid.lead

    @property
    def _line(self) -> int:
        """Where it ends."""
        return (self._window + 1) * self._grid.length

    def _close_window(self) -> Iterator[Action]:
        start, target = self._window * self._grid.length, self._window + self.state.delay
        taken = self._take(start)
        if taken is not None:
            slot = self._slots[target] = Slot.of(self.encoding, target, taken, self.state)
            slot.played = self._played if taken is self.state.last else None
            slot.anew = not slot.goes_on(self._slots.get(target - 1))
            asks = self._asks(slot) and slot.can_be_answered
            if slot.start > self._rolled or not asks:  # else its answer may sound already
                yield from self._plan_dry(slot, slot.start)
            if asks:
                yield from self._ask(slot, slot.start)
            if taken.open and slot.played == start:
                slot.settles = start + self._grid.length
                yield Wake(slot.settles)
            yield from telling.captured(slot.encoded, slot.start, self.encoding)
            if slot.flying is None:
                yield from self._tell_values(slot.taken.window)
                yield from self._look(slot)
        self._slots = {t: s for t, s in self._slots.items() if t >= self._window}
        self._recorder.forget(start)
        self._window += 1
        yield Wake(self._close)
        yield from self._show(self._slots.get(self._window))

    def _turns(self) -> bool:
        """Whether the line to come is where the next preset takes over."""
        if self._next is None:
            return False
        grid = self._next[0].encoding().grid
        return swap.shares(self._line, grid, self.state.delay, self._recorder.since)

    def _change_over(self, tick: int) -> Iterator[Action]:
        """The next preset answers all that is to sound from the line on, as if it had played."""
        assert self._next
        (manifest, name), self._next = self._next, None
        line = self._line
        self._adopt(manifest, swap.fitted(self.state, manifest, name))
        self._recorder.cut_by(self._grid)
        yield Swapped()
        if self._rolling:
            yield from self._catch_up(line // self._grid.length, tick)
            yield from self._join()
        yield from self._desk.tell_all()

    def _catch_up(self, window: int, tick: int) -> Iterator[Action]:
        """Answer what was played in the windows before `window`, the last of which closes now."""
        self._window = window - self.state.delay
        yield Wake(self._close)
        while self._window < window and tick >= self._close:
            yield from self._close_window()

    def _take(self, start: int) -> Taken | None:
        """The window to answer: the one just played, or one that was kept."""
        self._played = None
        if start < 0:
            return None  # the count-in
        if self.state.mode == "freeze":
            return self.state.last
        if self.state.mode == "generate":
            return Taken(Window.of((), self._grid.bars, self._grid.meter))
        self._played = start
        self._desk.remember(self._recorder.take(start))
        return morph.looped(self.state) or self.state.last

    def _settle(self, slot: Slot) -> Iterator[Action]:
        """A note held over the close has ended by the line, or rings on: plan with its true end."""
        start, slot.settles = slot.settles - self._grid.length, -1
        taken = self._recorder.take(start)
        if taken.window == slot.taken.window:
            return
        slot.hold(taken)
        self._desk.remember(taken)
        if slot.decided is None:
            yield from self._plan_dry(slot, slot.since)
            yield from self._show(slot)
        else:
            yield from self._plan_answer(slot, slot.decided)

    # --- control ----------------------------------------------------------------------------------

    def _control(self, event: events.Control) -> Iterator[Action]:
        before = self.state
        for address, args in event.settings:
            if address in morph.CAPTURES:
                yield from self._capture(address, args, event.time)
            else:
                yield from self._desk.set(address, args, event.time)
        yield from self._changed(before, event.tick)

    def _recall(self, event: events.Recalled) -> Iterator[Action]:
        before, length = self.state, round(event.bars * self._grid.meter.bar_ticks)
        if length and self._rolling:
            self._desk.glide_to(event.state, event.tick, event.tick + length, event.time)
            yield Wake(event.tick)
        else:
            yield from self._desk.recall(event.state, event.time)
        yield from self._changed(before, event.tick)

    def _glide(self, tick: int) -> Iterator[Action]:
        """A step towards a snapshot, once a beat."""
        before = self.state
        yield from self._desk.glide(tick)
        yield from self._changed(before, tick)
        if self._desk.gliding:
            yield Wake(tick + self._grid.meter.beat_ticks)

    def _changed(self, before: State, tick: int) -> Iterator[Action]:
        """What is not as it was wants another path, and other answers."""
        if (before.a, before.b) != (self.state.a, self.state.b):
            yield from self._join()
        if _engaged(before) != _engaged(self.state):
            for slot in list(self._slots.values()):
                yield from self._reconsider_from(slot, tick)

    def _capture(self, address: str, args: tuple[object, ...], time: float) -> Iterator[Action]:
        """What was just played becomes an end of a morph; a button that is let go says 0."""
        if let_go(args):
            return
        if self._played is not None:  # a note held over its close has ended since
            self._desk.remember(self._recorder.take(self._played))
        last = self.state.last
        if last is None or not self.encoding.listen(last.window).line:
            yield Trouble("empty", f"nothing was played to capture; play, then send {address}.")
            return
        self._desk.capture(morph.CAPTURES[address], time)
        yield Echo(address, ())

    def _join(self) -> Iterator[Action]:
        """Have the path of a morph found, once both ends are there."""
        wanted = morph.join(self.state, self.encoding)
        if wanted is None:
            return
        if not self._curved:
            yield Trouble("straight", STRAIGHT.format(self._desk.preset))
        self._ids += 1
        self._joining = self._ids
        yield Request(self._ids, wanted)

    # --- answers ----------------------------------------------------------------------------------

    def _reconsider_from(self, slot: Slot, tick: int) -> Iterator[Action]:
        """From the next line of the grid after `tick` on, if it still sounds then."""
        if tick < slot.end:
            inside = self._grid.line_from(max(0, tick - slot.start))
            yield from self._reconsider(slot, slot.start + inside)

    def _reconsider(self, slot: Slot, since: int) -> Iterator[Action]:
        """The knobs have moved: a new answer from `since` on; the dry window if all is neutral."""
        if self._asks(slot):
            yield from self._ask(slot, since)
        else:
            slot.face(self.state.morph)
            slot.flying = slot.again = slot.decided = None
            yield from self._plan_dry(slot, since)
            yield from self._tell_dry(slot)

    def _ask(self, slot: Slot, since: int) -> Iterator[Action]:
        """Have the slot answered with the knobs as they are, to sound from `since`."""
        if slot.flying is not None:
            slot.again = since
            return
        slot.face(self.state.morph)
        if slot.can_be_answered:
            self._ids += 1
            slot.flying, slot.since, slot.again = self._ids, since, None
            yield Request(self._ids, slot.work(self.state, self._seed))

    def _asks(self, slot: Slot) -> bool:
        return self._desk.moves or slot.is_moved(self.state.morph)

    def _answer(self, event: events.Answer) -> Iterator[Action]:
        if event.id == self._joining:
            yield from self._joined(event)
            return
        slot = next((s for s in self._slots.values() if s.flying == event.id), None)
        if slot is None:
            return  # stale: the window or the wish has passed
        slot.flying = None
        slot.decided = event.decoded
        if event.decoded is None:
            yield from self._fail(slot, event.sentence)
        else:
            yield from self._plan_answer(slot, event.decoded)
        if slot.again is not None:
            yield from self._reconsider(slot, slot.again)

    def _joined(self, event: events.Answer) -> Iterator[Action]:
        if event.curve is None:
            yield Trouble("model", event.sentence)
            return
        self._desk.found(event.curve)
        for slot in list(self._slots.values()):
            if slot.pair and slot.pair.joins(self.state):
                slot.pair = slot.pair._replace(curve=event.curve)
                yield from self._reconsider_from(slot, event.tick)

    def _fail(self, slot: Slot, sentence: str) -> Iterator[Action]:
        """The dry window plays, also where an earlier answer did."""
        yield from self._plan_dry(slot, slot.since)
        self._failed += 1
        yield Echo(f"{ROOT}/state/failed", (self._failed,))
        yield Trouble("model", sentence)
        yield from self._tell_dry(slot)

    def _plan_dry(self, slot: Slot, since: int) -> Iterator[Action]:
        slot.since = since
        yield Play(slot.plan(slot.taken.window), song=self._song)
        slot.planned(slot.taken.window)

    def _plan_answer(self, slot: Slot, decided: Decoded) -> Iterator[Action]:
        heard = slot.heard(decided, self.state.edit)
        if slot.drawn is not None:
            self._desk.remember(Taken(heard))  # to be frozen
        yield Play(slot.plan(heard), song=self._song)
        slot.planned(heard)
        yield from self._tell_heard(slot, heard)

    def _tell_dry(self, slot: Slot) -> Iterator[Action]:
        yield from self._tell_heard(slot, slot.taken.window)
        yield from self._look(slot)

    def _tell_heard(self, slot: Slot, window: Window) -> Iterator[Echo]:
        yield from self._tell_values(window)
        yield from self._show(slot)

    def _look(self, slot: Slot) -> Iterator[Action]:
        """Where a window lies that the model does not change is not known without asking it."""
        if self._mapped and slot.encoded.line:
            yield Look(tuple(slot.encoded.tokens.tolist()))

    def _tell_values(self, window: Window) -> Iterator[Echo]:
        return telling.heard(window, self.encoding, self._desk.knobs)

    def _show(self, slot: Slot | None) -> Iterator[Echo]:
        """The window that sounds now, or from the next line on; none: silence. What is heard of one
        that waits for its answer is not known yet."""
        if slot is None or slot.target == self._window:
            yield from self._shown.tell(self._window * self._grid.length, self._grid, slot)


def _engaged(state: State) -> tuple[object, ...]:
    """What an answer depends on."""
    place = state.morph if state.mode == "morph" else None
    asked = state.choices, state.amounts, state.way
    return state.knobs, state.free, state.edit, state.variation, place, *asked
