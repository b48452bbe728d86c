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
from presets.errors import PresetError
from presets.manifest import Manifest
from presets.optimise import STEPS, SURE, Aim, optimise
from presets.rules import RULES, Y
from realtime.events import Work
from realtime.inference import Graph, ports

OUTPUTS = ("z_out", "value", "gradient")  # of actors and critics

NOTHING: Y = np.zeros((1, 0), np.float32)  # y of a critic without menus
BESIDES = 0.1  # what realism weighs beside a rule, in a descent (Fig. 5)

Z = NDArray[np.float32]
Encode = Callable[[Tokens], Z]  # token windows [N, T] → their means [N, Z]


class Constraints:
    def __init__(self, manifest: Manifest, graphs: Mapping[str, Graph], encode: Encode) -> None:
        """graphs: the open ones by their paths. Raises PresetError where one does not take what its
        constraint asks."""
        self._all, self._graphs, self._encode = manifest.constraints, graphs, encode
        for constraint in self._all:
            wanted = {"z", "y"} if constraint.menus else {"z"}
            for path in constraint.files:
                taken = {port.name for port in ports(graphs[path])[0]}
                if taken != wanted:
                    raise PresetError(
                        f"{path} takes {', '.join(sorted(taken))} where its constraint has "
                        f"{', '.join(sorted(wanted))}; get the preset again."
                    )

    def demands(self, work: Work) -> list[Demand]:
        """What a window is asked for, in the manifest's order; realism looks after the others."""
        asked = [c for c in self._all if c.asks(work.choices) and work.amounts.get(c.name, 1.0)]
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
        """What actors and critics make of golden points, by the golden arrays' names. Raises
        PresetError where there are none to hold against it."""
        found: dict[str, Z] = {}
        for path in (path for constraint in self._all for path in constraint.files):
            names = [name for name in OUTPUTS if f"{path}/{name}" in golden]
            if not names:
                raise PresetError(f"{path} has no golden answers to check; get the preset again.")
            given = {name: golden[f"{path}/{name}"] for name in ("y",) if f"{path}/y" in golden}
            arrays = self._graphs[path].run(names, {"z": golden["z"], **given})
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
        return self._run(f"actors/{constraint.name}.onnx", z, y, {"z_out": z.shape})[0]

    def _descend(self, constraint: Constraint, y: Y, z: Z, sure: float = SURE) -> Z:
        """It is to end no less realistic than it began (Fig. 5), where the preset can tell."""
        surely = 0.0 if constraint.name == REALISM and sure == SURE else sure
        aims = [Aim(partial(self._judge, c, y), content=surely) for c in constraint.asked(y)]
        if self.know_realism and constraint.name != REALISM:
            judge = partial(self._judge, REALISM, NOTHING)
            aims.append(Aim(judge, BESIDES, min(0.0, float(judge(z)[0][0]))))
        return optimise(z, aims)

    def _judge(self, critic: str, y: Y, z: Z) -> tuple[Z, Z]:
        shapes = {"value": (len(z),), "gradient": z.shape}
        value, gradient = self._run(f"critics/{critic}.onnx", z, y, shapes)
        return value, gradient

    def _run(self, path: str, z: Z, y: Y, shapes: Mapping[str, tuple[int, ...]]) -> list[Z]:
        """Raises PresetError where an output has another shape than it must, or is no number."""
        found = self._graphs[path].run(list(shapes), _given(z, y))
        for (name, shape), array in zip(shapes.items(), found, strict=True):
            if array.shape != shape or not np.isfinite(array).all():
                raise PresetError(f"{path} gives no {name} that makes sense; get the preset again.")
        return found

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
