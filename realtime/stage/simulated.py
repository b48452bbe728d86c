"""A whole household without clock, port or process: whatever happens in it can happen again.

Player, ledger, session and model are the real ones; what they say to each other takes its time, and
either of them may die at any moment.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

from realtime.beginning import state_of
from realtime.events import Halted, Panic, Play, ToEngine, ToPlayer
from realtime.ledger import Ledger
from realtime.model import Model
from realtime.performance import Kept, Performance
from realtime.ports.plug import PortLost
from realtime.settings import Settings
from realtime.stage.disk import Disk, Took
from realtime.stage.engine import Engine
from realtime.stage.mortal import (
    Ear,
    FailedError,
    Fuse,
    Key,
    KilledError,
    MortalLedger,
    mortal_output,
)

PIPE = 0.002  # s at the most that a message takes from one process to the other
GONE = 0.1  # s between a process that died and the next one
LOADING = 0.4  # s more until an engine has its model


class House:
    """`now` is simulated, in seconds. `others` are presets that may be loaded, by their names."""

    def __init__(
        self,
        model: Model,
        settings: Settings,
        chance: Random,
        took: Took,
        others: Mapping[str, Model] | None = None,
    ) -> None:
        self.disk = Disk(model, others or {}, took)
        self.settings, self.chance = settings, chance
        self.now = 1000.0
        self.ear, self.fuse = Ear(), Fuse()
        self.deaths = self.windows = self.swaps = self.rolled_back = 0
        self._own = settings.midi.answer_channel - 1, settings.midi.click_channel - 1
        self._path = Ledger.create()
        self._ledger = MortalLedger(self._path, self.fuse)
        self._up: deque[tuple[float, ToEngine]] = deque()  # under way to the engine
        self._down: deque[tuple[float, ToPlayer]] = deque()  # and to the player
        self._state = state_of(settings)
        self._kept: deque[Kept] = deque(maxlen=2)
        self.engine: Engine | None = None
        self.player: Performance | None = None
        self._engine_due = self._player_due = self.now

    @property
    def model(self) -> Model:
        """What plays, or will."""
        return self.engine.model if self.engine else self.disk.model(self._state)

    def until(self, time: float) -> None:
        """Let everything happen that does up to `time`; what is late happens late."""
        while (due := self._next()) <= time:
            self.now = max(self.now, due)
            self._happen()
        self.now = max(self.now, time)

    def play(self, data: bytes, stamp: float | None = None) -> None:
        """A message reaches the MIDI input, if there is one."""
        at = self.now if stamp is None else stamp
        self._do(lambda player: player.arrive(at, data, self.now))

    def set(self, *settings: tuple[str, tuple[object, ...]]) -> None:
        """Control addresses are set together, if anybody listens."""
        if self.engine:
            self.engine.control(settings, self.now)
            self._pass_on(self.engine)

    def forgotten(self) -> set[Key]:
        """What sounds and is not in the ledger: nobody could close it for a player that died."""
        return self.ear.sounding.difference(self._ledger.sounding()) if self.ear.sounding else set()

    def abandoned(self) -> set[Key]:
        """What sounds of answers and clicks while nothing is to happen any more."""
        if self.player is None or not math.isinf(self.player.deadline()):
            return set()
        return {key for key in self.ear.sounding if key[0] in self._own}

    # --- deaths -----------------------------------------------------------------------------------

    def kill_engine(self, *, lost: bool = False) -> None:
        """Another one comes in a while; the preset that was loaded may be `lost` meanwhile."""
        self.deaths += 1
        self._retire()
        if lost:
            self._state = self.disk.without(self._state)
        self._engine_due = self.now + GONE + LOADING
        self._up.clear()

    def kill_player(self) -> None:
        self.deaths += 1
        self.player, self._player_due = None, self.now + GONE
        self._down.clear()
        self.fuse.put_out()

    def _retire(self) -> None:
        if self.engine:
            self._state = self.engine.kept
            self.swaps += self.engine.swaps
            self.rolled_back += self.engine.rolled_back
        self.engine = None

    def close(self) -> None:
        """As the supervisor ends it all: nothing may sound from here on."""
        self.fuse.put_out()
        self.until(max(self.now, self._player_due))
        if self.player:
            self.player.close(self.now)
        self.ear.expect_silence()
        self._retire()
        self._ledger.close()
        Path(self._path).unlink()

    # --- what happens -----------------------------------------------------------------------------

    def _next(self) -> float:
        """When something happens next."""
        dues = [queue[0][0] for queue in (self._up, self._down) if queue]
        dues.append(self.player.deadline() if self.player else self._player_due)
        dues.append(self.engine.due if self.engine else self._engine_due)
        return min(dues)

    def _happen(self) -> None:
        if self.player is None and self._player_due <= self.now:
            self._take_up()
        if self.engine is None and self._engine_due <= self.now:
            self.engine = Engine(self.disk, self._state, self.settings.seed)
        if self.engine:
            self.engine.catch_up(self.now)
            self._pass_on(self.engine)
        self._exchange()
        self._do(lambda player: None)

    def _exchange(self) -> None:
        if self._up and self._up[0][0] <= self.now:
            _, told = self._up.popleft()
            if self.engine:
                self.engine.hear(told, self.now)
                self._pass_on(self.engine)
        if self._down and self._down[0][0] <= self.now:
            _, said = self._down.popleft()
            self._do(lambda player: self._say(player, said))

    def _say(self, player: Performance, said: ToPlayer) -> None:
        player.said(said, self.now)
        if isinstance(said, Panic):
            self.ear.expect_silence()

    def _do(self, deed: Callable[[Performance], None]) -> None:
        """As `Player` goes round: what has come first, and then what is due."""
        if self.player is None:
            return
        try:
            deed(self.player)
            self.player.act(self.now)
        except KilledError:
            self.kill_player()
        except (FailedError, PortLost) as death:
            self._leave(self.player, death)

    def _leave(self, player: Performance, death: FailedError | PortLost) -> None:
        """A player that can still close its notes; one whose port is gone cannot."""
        if isinstance(death, PortLost):
            self.fuse.light(1, death)
        with suppress(KilledError, PortLost):
            player.close(self.now)
            self.ear.expect_silence()
        self.kill_player()

    def _take_up(self) -> None:
        """As `Player` does for one that died: its notes first, then its song."""
        output = mortal_output(self._ledger, self.fuse, self.ear)
        meter = self.model.preset.encoding.grid.meter
        player = Performance(self.settings, meter, output, self._tell, self._kept.append)
        self.player = player
        kept = self.chance.choice(self._kept) if self._kept else None  # the last may be lost
        self._do(lambda player: player.close(self.now))
        if self.player:
            self.ear.expect_silence()
        if kept:
            self._do(lambda player: player.resume(kept, self.now))

    # --- wires ------------------------------------------------------------------------------------

    def _tell(self, told: ToEngine) -> None:
        if isinstance(told, Halted) and self.player:
            self.ear.expect_silence(self._own)
        if self.engine or self._engine_due - LOADING <= self.now:
            self._up.append((self._arrival(self._up), told))

    def _pass_on(self, engine: Engine) -> None:
        """What the engine says, to the player."""
        for said in engine.said:
            self._down.append((self._arrival(self._down), said))
            self.windows += isinstance(said, Play) and said.plan.since == said.plan.start
        engine.said.clear()

    def _arrival(
        self, wire: deque[tuple[float, ToEngine]] | deque[tuple[float, ToPlayer]]
    ) -> float:
        before = wire[-1][0] if wire else 0.0
        return max(before, self.now + self.chance.uniform(0, PIPE))
