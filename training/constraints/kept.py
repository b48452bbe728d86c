"""Does a constraint do what is asked? Draws from the prior, as they are and moved by a preset's own
graphs (Engel et al. 2018, Table 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from presets.attributes import onsets_of
from presets.constraint import Constraint
from presets.encoding import Tokens
from presets.optimise import SURE, Aim, optimise
from presets.preset import Preset
from presets.rules import Rule, Y
from training.constraints.of_preset import opened, space_of
from training.constraints.space import Floats, Space

Choices = Mapping[str, str]
Move = Callable[[Floats], Floats]


class Row(NamedTuple):
    """What is heard of draws [N] that somebody moved."""

    who: str
    asked: Choices
    scores: NDArray[np.float64]  # of every rule, and of what it was judged by [N, R]
    notes: NDArray[np.float64]  # [N]
    z_mse: float
    distinct: float  # the share of windows that are like no other

    @property
    def means(self) -> NDArray[np.float64]:
        return self.scores.mean(0)

    @property
    def satisfied(self) -> NDArray[np.float64]:
        """The shares of windows that do all that each rule asks [R]."""
        return (self.scores >= 1).mean(0)


class Judged(NamedTuple):
    """How windows are judged: every rule by what it would be asked, whether it was or not."""

    space: Space
    rules: Sequence[tuple[Rule, Y]]  # each with its part of y [1, …]

    def row(self, who: str, asked: Choices, z: Floats, moved: Floats) -> Row:
        tokens = self.space.decode(torch.from_numpy(moved))
        windows = onsets_of(tokens, self.space.encoding)
        scores = [rule.score(windows, np.repeat(y, len(z), 0)) for rule, y in self.rules]
        off = float(((moved - z) ** 2).mean())
        alone = len(np.unique(tokens, axis=0)) / len(tokens)
        return Row(who, asked, np.stack(scores, 1), windows.count, off, alone)


def table(
    preset: Preset, constraint: Constraint, asks: Sequence[Choices], draws: int, seed: int
) -> list[Row]:
    """The prior, and for all that is asked the actor's work and a descent's on the same draws. The
    last of `asks` says what every row is judged by."""
    torch.manual_seed(seed)
    space = space_of(preset)
    z = space.prior(draws).numpy()
    last = constraint.row(asks[-1])
    rules = [(rule, constraint.part(rule, last)) for rule in constraint.rules()]
    judged = Judged(space, rules)
    rows = [judged.row("prior", {}, z, z)]
    for choices in asks:
        for who, move in movers(preset, constraint, choices).items():
            rows.append(judged.row(who, choices, z, move(z)))
    return rows


def decoded(
    preset: Preset, constraint: Constraint, asks: Sequence[Choices], draws: int, seed: int
) -> list[tuple[Choices, Tokens]]:
    """The same draws as they are, and moved by the actor for all that is asked: what is heard."""
    torch.manual_seed(seed)
    space = space_of(preset)
    z = space.prior(draws).numpy()
    moved = [movers(preset, constraint, choices)["actor"](z) for choices in asks]
    points = [z, *moved]
    asked: list[Choices] = [{}, *asks]
    tokens = [space.decode(torch.from_numpy(each)) for each in points]
    return list(zip(asked, tokens, strict=True))


def movers(preset: Preset, constraint: Constraint, choices: Choices) -> dict[str, Move]:
    """By the names of the ways, as a performer has them but for realism, which a descent on stage
    heeds besides."""
    y, graphs = constraint.row(choices), {path: opened(preset, path) for path in constraint.files}
    actor = constraint.files[0]

    def run(path: str, names: list[str], z: Floats) -> list[Floats]:
        given = {"z": z, "y": np.repeat(y, len(z), 0)} if y.shape[1] else {"z": z}
        return [np.asarray(found) for found in graphs[path].run(names, given)]

    def judge(path: str, z: Floats) -> tuple[Floats, Floats]:
        value, gradient = run(path, ["value", "gradient"], z)
        return value, gradient

    critics = [f"critics/{critic}.onnx" for critic in constraint.asked(y)]
    aims = [Aim(partial(judge, path), content=SURE) for path in critics]
    return {"actor": lambda z: run(actor, ["z_out"], z)[0], "optimise": lambda z: optimise(z, aims)}
