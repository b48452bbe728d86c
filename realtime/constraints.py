"""The constraints of a preset, their graphs open: what is asked of a window becomes demands."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets.constrain import AGAIN, Demand
from presets.constraint import REALISM, Constraint
from presets.encoding import Tokens
from presets.manifest import Manifest
from presets.optimise import STEPS, SURE, Aim, optimise
from presets.rules import RULES, Y
from realtime.events import Work
from realtime.inference import Graph

OUTPUTS = ("z_out", "value", "gradient")  # of actors and critics

NOTHING: Y = np.zeros((1, 0), np.float32)  # y of a critic without menus
BESIDES = 0.1  # what realism weighs beside a rule, in a descent (Fig. 5)

Z = NDArray[np.float32]
Encode = Callable[[Tokens], Z]  # token windows [N, T] → their means [N, Z]


class Constraints:
    def __init__(self, manifest: Manifest, graphs: Mapping[str, Graph], encode: Encode) -> None:
        """graphs: the open ones by their paths."""
        self._all, self._graphs, self._encode = manifest.constraints, graphs, encode

    def demands(self, work: Work) -> list[Demand]:
        """What a window is asked for, in the manifest's order; realism looks after the others."""
        asked = [c for c in self._all if c.asks(work.choices)]
        asked.sort(key=lambda constraint: constraint.name == REALISM)
        return [self._demand(constraint, work) for constraint in asked]

    @property
    def know_realism(self) -> bool:
        return any(constraint.name == REALISM for constraint in self._all)

    def realism(self, tokens: Tokens) -> float:
        """The chance that a window [T] lies where the style's do, not where the prior's do."""
        return _chance(self._judge(REALISM, NOTHING, self._encode(tokens[None]))[0][0])

    def moves(self) -> dict[str, Callable[[Z], Z]]:
        """What moves a point, by its name; descents take all of their steps. To be timed."""
        found: dict[str, Callable[[Z], Z]] = {}
        for constraint in self._all:
            y = constraint.row({menu.name: menu.entries[0] for menu in constraint.menus})
            found[f"{constraint.name}: actor"] = partial(self._act, constraint, y)
            descend = partial(self._descend, constraint, y, sure=math.inf)
            found[f"{constraint.name}: descent of {STEPS} steps"] = descend
        return found

    def outputs(self, golden: Mapping[str, NDArray[Any]]) -> dict[str, Z]:
        """What actors and critics make of golden points, by the golden arrays' names."""
        found: dict[str, Z] = {}
        for path, graph in self._graphs.items():
            names = [name for name in OUTPUTS if f"{path}/{name}" in golden]
            given = {name: golden[f"{path}/{name}"] for name in ("y",) if f"{path}/y" in golden}
            arrays = graph.run(names, {"z": golden["z"], **given}) if names else []
            found |= {f"{path}/{name}": array for name, array in zip(names, arrays, strict=True)}
        return found

    def _demand(self, constraint: Constraint, work: Work) -> Demand:
        y = constraint.row(work.choices)
        acts, amount = work.way == "actor", work.amounts.get(constraint.name, 1.0)
        move = partial(self._act if acts else self._descend, constraint, y)
        again = AGAIN if acts and amount == 1 else 0
        content = partial(self._content, constraint, y)
        return Demand(constraint, y, move, content, amount, again)

    def _act(self, constraint: Constraint, y: Y, z: Z) -> Z:
        actor = self._graphs[f"actors/{constraint.name}.onnx"]
        return actor.run(["z_out"], _given(z, y))[0]

    def _descend(self, constraint: Constraint, y: Y, z: Z, sure: float = SURE) -> Z:
        """It is to end no less realistic than it began (Fig. 5), where the preset can tell."""
        surely = 0.0 if constraint.name == REALISM and sure == SURE else sure
        aims = [Aim(partial(self._judge, c, y), content=surely) for c in constraint.asked(y)]
        if self.know_realism and constraint.name != REALISM:
            judge = partial(self._judge, REALISM, NOTHING)
            aims.append(Aim(judge, BESIDES, min(0.0, float(judge(z)[0][0]))))
        return optimise(z, aims)

    def _judge(self, critic: str, y: Y, z: Z) -> tuple[Z, Z]:
        graph = self._graphs[f"critics/{critic}.onnx"]
        value, gradient = graph.run(["value", "gradient"], _given(z, y))
        return value, gradient

    def _content(self, constraint: Constraint, y: Y, tokens: Tokens) -> float:
        """Of a rule of somebody's own only its critic is here: it judges where tokens encode to,
        and is content if it holds the rule for kept rather than broken."""
        unknown = [critic for critic in constraint.critics if critic not in RULES]
        if not unknown:
            return 1.0
        z = self._encode(tokens[None])
        return min(1.0, *(2 * _chance(self._judge(critic, y, z)[0][0]) for critic in unknown))


def _chance(logit: np.float32) -> float:
    return 0.5 * (1 + math.tanh(float(logit) / 2))  # a sigmoid that cannot overflow


def _given(z: Z, y: Y) -> dict[str, Z]:
    """A graph's inputs; one without menus takes no y."""
    return {"z": z, "y": np.repeat(y, len(z), 0)} if y.shape[1] else {"z": z}
