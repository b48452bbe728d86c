"""From a rule as it is typed to an actor that follows it, in the space of one preset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import numpy as np
import torch

from presets.constraint import Constraint
from presets.errors import GlissarError
from presets.preset import Preset
from presets.rules import AtLeast, Rule, Scale
from training.constraints import user
from training.constraints.fit import Fit, Fitting, Pair, Seen, pair
from training.constraints.of_preset import space_of
from training.constraints.tasks import Rules

DRAWS = 2000  # to measure on

Watch = Callable[[Iterable[Seen], int], Iterable[Seen]]


def rules_of(typed: Sequence[str]) -> dict[str, Rule]:
    """`scale`, `density:6,8,10`, `FILE.py:NAME`: by the names of their critics. Raises
    GlissarError."""
    found: dict[str, Rule] = {}
    for text in typed:
        name, _, rest = text.partition(":")
        if name == "scale" and not rest:
            rule = Scale()
        elif name == "density" and rest:
            rule = AtLeast(_numbers(text, rest))
        else:
            rule = user.load(text)
            name = rule.name
        if name in found:
            raise GlissarError(f"{name} is asked for twice; name every rule once.")
        found[name] = rule
    return found


def constraint_of(name: str, rules: Mapping[str, Rule]) -> Constraint:
    """Raises GlissarError where a name is none that a preset's file can have."""
    menus = [menu for rule in rules.values() for menu in rule.menus]
    try:
        return msgspec.convert(
            {"name": name, "critics": list(rules), "menus": menus}, Constraint, from_attributes=True
        )
    except msgspec.ValidationError as error:
        raise GlissarError(
            f"a constraint is called {name} and its rules {', '.join(rules)}: use small letters, "
            "digits, - and _, and eight rules at the most."
        ) from error


def learn(
    preset: Preset, constraint: Constraint, rules: Sequence[Rule], fit: Fit, seed: int, watch: Watch
) -> tuple[Pair, dict[str, float]]:
    """Train, and measure; watch sees every step of the actor's. Raises GlissarError."""
    torch.manual_seed(seed)
    space = space_of(preset)
    task = Rules(space, rules, np.random.default_rng(seed), fit.remembered)
    made = pair(fit.net, space.z, task.conditions, task.judges)
    for _ in watch(Fitting(made, task, fit).steps(), fit.steps):
        pass
    return made, measured(made, task, constraint.critics)


@torch.no_grad()
def measured(made: Pair, task: Rules, names: Sequence[str]) -> dict[str, float]:
    """Of new draws, asked for anything that can be asked: mean scores and the share that does all
    of it, as they are and moved; how far they moved (Table 2's columns)."""
    z, y = task.space.prior(DRAWS), task.asked(DRAWS)
    moved = made.actor(z, y)
    found = {"z_mse": ((moved - z) ** 2).mean().item()}
    for when, points in (("prior", z), ("moved", moved)):
        scores = task.scores(points, y)
        for name, column in zip(names, scores.T, strict=True):
            found[f"{when}/{name}"] = column.mean().item()
            found[f"{when}/{name} satisfied"] = (column >= 1).float().mean().item()
    return found


def _numbers(text: str, rest: str) -> tuple[int, ...]:
    parts = rest.split(",")
    if not all(part.isdigit() and int(part) for part in parts):
        raise GlissarError(f"{text} is no rule; write numbers of notes, as in density:6,8,10.")
    return tuple(map(int, parts))
