"""An hour of playing at delay 1, knobs moving, and whether every answer was there at its line.

Time is simulated, but for the model: what it really takes here, machine's load and all, passes.
"""

from __future__ import annotations

from random import Random

from presets.preset import read_named
from realtime.controls import ROOT
from realtime.events import Plan, Play, ToPlayer
from realtime.model import Model
from realtime.performance import Performance
from realtime.settings import Settings, TransportSettings
from realtime.stage.scenario import Figure, Finding
from realtime.stage.simulated import House, Took

HOUR = 3600.0  # s
PRESET = "bach"
TEMPO = 120.0
TURNS = 10.0  # of a knob, a second
SCALE = (0, 2, 4, 5, 7, 9, 11)


class Stopwatch(House):
    """Notes when each window's first answer reaches the player. Its dry plan comes before."""

    def __init__(self, model: Model, settings: Settings, chance: Random, took: Took) -> None:
        super().__init__(model, settings, chance, took)
        self.dry: dict[int, float] = {}  # the window's start -> when its dry plan came, in s
        self.answered: dict[int, float] = {}
        self.late: set[int] = set()

    def _say(self, player: Performance, said: ToPlayer) -> None:
        if isinstance(said, Play):
            self._note(said.plan, player.map.tick_at(self.now))
        super()._say(player, said)

    def _note(self, plan: Plan, tick: float) -> None:
        if plan.start not in self.dry:
            self.dry[plan.start] = self.now
        elif plan.start not in self.answered:
            self.answered[plan.start] = self.now
            if tick > plan.start:
                self.late.add(plan.start)

    @property
    def spent(self) -> list[float]:
        """Milliseconds from each dry plan to the answer."""
        return [(now - self.dry[start]) * 1e3 for start, now in self.answered.items()]


def measure(share: float) -> Finding:
    return play(Model(read_named(PRESET)), share * HOUR)


def play(model: Model, seconds: float, took: Took = lambda took: took) -> Finding:
    """All windows have notes and every knob is off its middle: each of them asks for an answer.

    `took` is how long one takes, given what it took the model, in seconds.
    """
    chance = Random(0)
    settings = Settings(delay=1, transport=TransportSettings(tempo=TEMPO))
    house = Stopwatch(model, settings, chance, took)
    house.until(house.now + 1)
    house.set(*_turns(model, chance), (f"{ROOT}/transport/play", (1,)))
    end = house.now + seconds
    while house.now < end:
        wander(house, chance)
    house.until(house.now + model.preset.encoding.grid.length / (16 * TEMPO))
    failed = house.engine.failed if house.engine else 0
    house.close()
    never = [start for start in sorted(house.dry)[:-1] if start not in house.answered]
    return Finding(
        [
            Figure("windows", len(house.dry), ""),
            Figure("answers after their line", len(house.late), "", must=0),
            Figure("windows without an answer", len(never), "", must=0),
            Figure("dry fall-backs", failed, "", must=0),
        ],
        {"from a window's close to its answer": house.spent},
        notes=[
            f"Preset {model.preset.name} at {TEMPO:g} BPM; a line is half a step after a close."
        ],
    )


def wander(house: House, chance: Random, turns: float = TURNS) -> None:
    """A note or a chord, held for a while, and so many turns of knobs a second meanwhile."""
    pitch = 60 + 12 * chance.randint(-1, 1) + chance.choice(SCALE)
    keys = {pitch, pitch - chance.choice((0, 0, 5, 12))}
    for key in keys:
        house.play(bytes((0x90, key, chance.randint(30, 120))))
    _wait(house, chance, turns, chance.choice((0.125, 0.25, 0.25, 0.5)))
    for key in keys:
        house.play(bytes((0x80, key, 64)))
    _wait(house, chance, turns, chance.choice((0.0, 0.01, 0.12)))


def _wait(house: House, chance: Random, turns: float, seconds: float) -> None:
    end = house.now + seconds
    while (turn := house.now + chance.expovariate(turns)) < end:
        house.until(turn)
        house.set(chance.choice(_turns(house.model, chance)))
    house.until(end)


def _turns(model: Model, chance: Random) -> list[tuple[str, tuple[object, ...]]]:
    knobs = model.preset.manifest.knobs
    return [
        (f"{ROOT}/knob/{knob}", (chance.choice((-1, 1)) * chance.uniform(0.1, 1),))
        for knob in knobs
    ]
