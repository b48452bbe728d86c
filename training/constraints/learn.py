"""From a rule as it is typed to an actor that follows it, in the space of one preset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import torch

from presets.constraint import REALISM, Constraint, problems
from presets.encoding import Tokens
from presets.errors import GlissarError
from presets.preset import Preset
from presets.rules import KEYS, RULES, SCALES, AtLeast, Rule, Scale
from training.constraints import measure, user
from training.constraints.fit import Fit, Fitting, Pair, Seen, pair
from training.constraints.of_preset import space_of
from training.constraints.space import Space
from training.constraints.tasks import Labels, Realism, Rules, Task
from training.data.dataset import Dataset

SEEN = 200  # steps of a history
MOST = 20_000  # windows of a corpus that are encoded

Watch = Callable[[Iterable[Seen], int], Iterable[Seen]]


class Learnt(NamedTuple):
    pair: Pair
    figures: measure.Figures
    history: list[Seen]  # a step in so many


def rules_of(typed: Sequence[str]) -> dict[str, Rule]:
    """`scale`, `scale:C,G,major`, `density:6,8,10`, `FILE.py:NAME`: by the names of their critics.
    Raises GlissarError."""
    found: dict[str, Rule] = {}
    for text in typed:
        name, _, rest = text.partition(":")
        if name == "scale":
            rule = _scale(text, rest)
        elif name == "density" and rest:
            rule = AtLeast(_numbers(text, rest))
        else:
            rule = user.load(text)
            name = rule.name
            if name in {*RULES, REALISM}:
                raise GlissarError(f"{name} is a rule of glissar's own; rename the function.")
        if name in found:
            raise GlissarError(f"{name} is asked for twice; name every rule once.")
        found[name] = rule
    return found


def constraint_of(name: str, rules: Mapping[str, Rule], preset: Preset) -> Constraint:
    """Raises GlissarError where a name is none that a preset's file can have, or the preset's other
    constraints have it."""
    menus = [menu for rule in rules.values() for menu in rule.menus]
    try:
        made = msgspec.convert(
            {"name": name, "critics": list(rules), "menus": menus}, Constraint, from_attributes=True
        )
    except msgspec.ValidationError as error:
        raise GlissarError(
            f"a constraint is called {name} and its rules {', '.join(rules)}: use small letters, "
            "digits, - and _, and eight rules at the most."
        ) from error
    together = [*(c for c in preset.manifest.constraints if c.name != name), made]
    files = {path: "" for constraint in together for path in constraint.files}
    for problem in problems(together, files):
        raise GlissarError(
            f"{name} cannot join {preset.name}: {problem}; give the --name of the one that it is "
            "to take the place of, or another rule."
        )
    return made


def learn_rules(
    space: Space, constraint: Constraint, rules: Sequence[Rule], fit: Fit, seed: int, watch: Watch
) -> Learnt:
    """Train, and measure; watch sees every step of the actor's. In a space that knows windows, by
    these, as labelled ones; else by what is decoded. Raises GlissarError."""
    torch.manual_seed(seed)
    kind = Rules if space.windows is None else Labels
    task = kind(space, rules, np.random.default_rng(seed), fit.remembered)
    made, history = _trained(task, fit, watch)
    return Learnt(made, measure.rules(made, task, constraint.critics), history)


def learn_realism(learnt: Space, unseen: Space, fit: Fit, seed: int, watch: Watch) -> Learnt:
    """The same of where the windows of `styles` lie."""
    torch.manual_seed(seed)
    task = Realism(learnt)
    made, history = _trained(task, fit, watch)
    return Learnt(made, measure.realism(made, task, unseen), history)


def styles(
    preset: Preset, data: Dataset, seed: int, splits: Sequence[str] = ("train", "test")
) -> list[Space]:
    """The preset's space with windows that the data has to be learnt from, and with unseen ones.
    Raises GlissarError."""
    check_kin(preset, data)
    draw = np.random.default_rng(seed)
    return [space_of(preset, _some(data.splits[name].tokens, draw)) for name in splits]


def check_kin(preset: Preset, data: Dataset) -> None:
    """Raises GlissarError where windows are of another kind than the preset's, or none unseen."""
    if data.encoding != preset.encoding:
        raise GlissarError(
            f"{preset.name} was not learnt from windows like those; give the data that its folder "
            "names."
        )
    if not (len(data.splits["train"]) and len(data.splits["test"])):
        raise GlissarError("nothing in that data is unseen; prepare it from more works.")


def _trained(task: Task, fit: Fit, watch: Watch) -> tuple[Pair, list[Seen]]:
    made = pair(fit.net, task.space.z, task.conditions, task.judges)
    every = max(1, fit.steps // SEEN)
    seen = watch(Fitting(made, task, fit).steps(), fit.steps)
    return made, [each for each in seen if each.step % every == 0]


def _some(windows: Tokens, draw: np.random.Generator) -> Tokens:
    """At most MOST of them."""
    return windows[draw.permutation(len(windows))[:MOST]]


def _scale(text: str, rest: str) -> Scale:
    """With what is listed of keys and of scales in its menus; of what is not listed, all."""
    words = rest.split(",") if rest else []
    keys, scales = (tuple(w for w in words if w in known) for known in (KEYS, SCALES))
    if len({*keys, *scales}) != len(words):
        raise GlissarError(
            f"{text} is no rule; of keys ({', '.join(KEYS)}) and scales ({', '.join(SCALES)}) "
            "write each once, as in scale:C,G,major."
        )
    return Scale(scales or tuple(SCALES), keys or KEYS)


def _numbers(text: str, rest: str) -> tuple[int, ...]:
    parts = rest.split(",")
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit()]
    if len(set(numbers) - {0}) != len(parts):
        raise GlissarError(
            f"{text} is no rule; write numbers of notes, each once, as in density:6,8,10."
        )
    return tuple(numbers)
