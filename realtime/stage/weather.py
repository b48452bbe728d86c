"""What comes over a household: music, its players' whims, bad input, standstills and deaths."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from realtime.controls import OFF, ROOT
from realtime.model import Model
from realtime.ports.plug import PortLost
from realtime.stage.chances import CHOICES, NAMES, ODD, VALUES, settings
from realtime.stage.mortal import FailedError, KilledError
from realtime.stage.simulated import House

PAUSE = 0.02  # s between two events, on average
FAILING = 0.05  # of all answers


class Storm:
    """One household, and all that comes over it."""

    def __init__(self, models: Sequence[Model], chance: Random) -> None:
        self.chance, self.counts = chance, Counter[str]()
        self._presets = {model.preset.name: model for model in models}
        first = self._presets[self._preset()]
        self.house = House(first, settings(chance), chance, self._takes, self._presets)
        self.house.disk.loading = lambda: chance.uniform(0.1, 2)
        self.house.disk.fails = lambda: chance.random() < FAILING
        self._clock, self._period = math.inf, 0.02  # when a followed master's next one falls

    def rage(self, events: int) -> None:
        deeds, weights = zip(*DEEDS, strict=True)
        self._wait(2)
        self._roll()
        for _ in range(events):
            self._wait(self.chance.expovariate(1 / PAUSE))
            self.chance.choices(deeds, weights)[0](self)
            self.counts["events"] += 1
            self.counts["not in the ledger"] += len(self.house.forgotten())
            self.counts["left to nobody"] += len(self.house.abandoned())
        self.house.close()
        self.counts += self.house.ear.counts
        self.counts["kills"] += self.house.deaths
        self.counts["windows"] += self.house.windows
        self.counts["presets swapped"] += self.house.swaps
        self.counts["of them swapped back"] += self.house.rolled_back

    def _takes(self, _: float) -> float:
        """An answer comes soon, or late, or after its window."""
        return self.chance.expovariate(1 / self.chance.choice((0.002, 0.002, 0.002, 0.3, 3)))

    def _wait(self, seconds: float) -> None:
        """The master goes on meanwhile, up to 3 ms late."""
        end = self.house.now + seconds
        while self._clock <= end:
            self.house.until(self._clock + self.chance.uniform(0, 0.003))
            self.house.play(b"\xf8")
            self.counts["clocks"] += 1
            self._clock += self._period
        self.house.until(end)

    def _preset(self) -> str:
        """The longer its windows, the rarer: there is less to hear of it."""
        rare = [1 / model.preset.encoding.grid.bars for model in self._presets.values()]
        return self.chance.choices(list(self._presets), rare)[0]

    def _key(self) -> bytes:
        return bytes((self.chance.choice((0, 0, 0, 1, 9)), self.chance.randint(40, 80)))

    # --- what comes -------------------------------------------------------------------------------

    def strike(self) -> None:
        channel, pitch = self._key()
        self.house.play(bytes((0x90 | channel, pitch, self.chance.randint(0, 127))))

    def let_go(self) -> None:
        channel, pitch = self._key()
        self.house.play(bytes((0x80 | channel, pitch, 64)))

    def gesture(self) -> None:
        status = self.chance.choice((0xA0, 0xB0, 0xB0, 0xC0, 0xD0, 0xE0)) | self._key()[0]
        first = self.chance.choice((1, 7, 64, 64, 64, 64, 66, 120, 123, self.chance.randrange(128)))
        data = bytes((status, first, self.chance.choice((0, 127))))
        self.house.play(data[:2] if status & 0xE0 == 0xC0 else data)

    def nonsense(self) -> None:
        self.house.play(bytes.fromhex(self.chance.choice(ODD)))

    def feed_back(self) -> None:
        """The output comes back to the input, known to do so or not."""
        if self.house.player:
            self.house.player.looped = self.chance.random() < 0.5
        self.house.play(self.house.ear.last)

    def turn(self) -> None:
        knob = self.chance.choice(self.house.model.preset.manifest.knobs or ["density"])
        reading = self.chance.choice(("", "", "/target", "/value"))
        self.house.set((f"{ROOT}/knob/{knob}{reading}", (self.chance.uniform(-1, 1),)))

    def choose(self) -> None:
        """Modes, delay and the rest, two at once."""
        self.house.set(*(self._choice() for _ in range(2)))

    def _choice(self) -> tuple[str, tuple[object, ...]]:
        name, values = self.chance.choice(CHOICES)
        return f"{ROOT}/{name}", (self.chance.choice(values),)

    def constrain(self) -> None:
        menus = self.house.model.preset.manifest.menus
        if menus:
            menu = self.chance.choice(menus)
            wish = self.chance.choice((OFF, OFF, *menu.entries))
            self.house.set((f"{ROOT}/constrain/{menu.name}", (wish,)))

    def load(self) -> None:
        """Another preset, or the same; and a third, perhaps, before the second is there."""
        for _ in range(self.chance.choice((1, 1, 2))):
            self.house.set((f"{ROOT}/preset/load", (self._preset(),)))
            self._wait(self.chance.choice((0, 0.05)))

    def keep(self) -> None:
        self.house.set((f"{ROOT}/snapshot/save", (self.chance.choice(NAMES),)))

    def bring_back(self) -> None:
        """At once, in some bars, or half of the way to another."""
        one, other = self.chance.choices(NAMES, k=2)
        self.house.set(
            self.chance.choice(
                (
                    (f"{ROOT}/snapshot/recall", (one, self.chance.choice((0, 0.5, 4)))),
                    (f"{ROOT}/snapshot/morph", (one, other, self.chance.random())),
                )
            )
        )

    def think_again(self) -> None:
        self.house.set((f"{ROOT}/{self.chance.choice(('undo', 'undo', 'redo'))}", ()))

    def babble(self) -> None:
        name, _ = self.chance.choice(CHOICES)
        self.house.set((f"{ROOT}/{name}", tuple(self.chance.choices(VALUES, k=2))))

    def start_or_stop(self) -> None:
        """Mostly to start again, at once or in a while."""
        self.house.set((f"{ROOT}/transport/play", (self.chance.choice((0, 1)),)))
        self._wait(self.chance.choice((0, 0.001, 0.01, 0.5)))
        self.house.set((f"{ROOT}/transport/play", (1,)))

    def change_tempo(self) -> None:
        beats = self.chance.choice((0, 0, 4, 16))
        self.house.set((f"{ROOT}/transport/tempo", (self.chance.uniform(60, 400), beats)))

    def tap(self) -> None:
        for _ in range(3):
            self.house.set((f"{ROOT}/transport/tap", ()))
            self._wait(self.chance.uniform(0.2, 0.8))

    def change_source(self) -> None:
        source = self.chance.choice(("internal", "internal", "clock"))
        self.house.set((f"{ROOT}/transport/source", (source,)))
        self._wait(0.01)
        self._roll()

    def _roll(self) -> None:
        """Whoever has the song starts it."""
        self.house.set((f"{ROOT}/transport/play", (1,)))
        self._clock, self._period = self.house.now, 2.5 / self.chance.uniform(90, 300)
        self.house.play(b"\xfa")

    def conduct(self) -> None:
        """The master starts again, goes elsewhere, or continues, and has another tempo."""
        self._roll()
        self._wait(1)
        place = bytes((0xF2, self.chance.randrange(128), 0))
        for data in self.chance.choice(((b"\xfa",), (b"\xfb",), (place, b"\xfb"))):
            self.house.play(data)

    def fall_silent(self) -> None:
        """The master's clock has a gap."""
        self._clock += self.chance.choice((0.1, 0.5, 2, 5))

    def stop_master(self) -> None:
        self.house.play(b"\xfc")
        self._clock += self.chance.choice((0, 2))
        self._wait(self.chance.choice((0, 0.2, 3)))
        self.house.play(b"\xfb")

    def stall(self) -> None:
        """The whole machine stands still, and what came meanwhile comes at once."""
        self.house.now += 10 ** self.chance.uniform(-3, 0.8)

    def panic(self) -> None:
        self.house.set((f"{ROOT}/panic{self.chance.choice(('', '/all'))}", ()))

    def kill_player(self) -> None:
        self.house.kill_player()

    def kill_player_at_a_send(self) -> None:
        self.house.fuse.light(self.chance.randint(1, 40), self._death())

    def kill_again_and_again(self) -> None:
        """The next one dies while it closes what the first one left."""
        self.house.kill_player()
        self.house.fuse.light(self.chance.randint(1, 6), self._death())

    def _death(self) -> KilledError | FailedError | PortLost:
        return self.chance.choice((KilledError(), KilledError(), FailedError(), PortLost("gone")))

    def kill_engine(self) -> None:
        """The next one may not find its preset any more."""
        self.house.kill_engine(lost=self.chance.random() < 0.2)

    def kill_both(self) -> None:
        self.house.kill_engine()
        self.house.kill_player()


# How often each comes, beside the others.
DEEDS: Sequence[tuple[Callable[[Storm], None], float]] = (
    (Storm.strike, 50),
    (Storm.let_go, 50),
    (Storm.gesture, 8),
    (Storm.nonsense, 2),
    (Storm.feed_back, 1),
    (Storm.turn, 5),
    (Storm.choose, 1),
    (Storm.constrain, 0.5),
    (Storm.load, 1),
    (Storm.keep, 0.3),
    (Storm.bring_back, 0.5),
    (Storm.think_again, 0.5),
    (Storm.babble, 1),
    (Storm.change_tempo, 0.3),
    (Storm.start_or_stop, 0.2),
    (Storm.tap, 0.05),
    (Storm.change_source, 0.08),
    (Storm.conduct, 0.08),
    (Storm.fall_silent, 0.1),
    (Storm.stop_master, 0.05),
    (Storm.stall, 0.2),
    (Storm.panic, 0.2),
    (Storm.kill_player, 0.05),
    (Storm.kill_player_at_a_send, 0.25),
    (Storm.kill_again_and_again, 0.03),
    (Storm.kill_engine, 0.1),
    (Storm.kill_both, 0.03),
)
