"""Runs that differ in their seed alone, and what tells one such group from the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from training import config as configs
from training.checkpoint import Trained
from training.comparing import scores

Floats = NDArray[np.float64]
Card = dict[str, Any]


@dataclass(frozen=True)
class Seeds:
    """Runs that differ in their seed alone."""

    column: str  # as `scores.column`
    protocol: str
    runs: Mapping[str, Trained]  # by name
    config: Mapping[str, Any]  # flat ("weights.kl": 0.01), defaults included, without the seed

    @property
    def attributes(self) -> list[str]:
        """Those that have a knob."""
        return list(self.config["attributes"])

    def read(self, figure: Callable[[Card], float | None]) -> list[float]:
        """A figure of every card; empty where one does not have it, as older ones may not."""
        found: list[float] = []
        for run in self.runs.values():
            try:
                value = figure(run.card)
            except KeyError:
                return []
            if value is None:
                return []
            found.append(value)
        return found

    def values(self, figure: str) -> list[float]:
        """A figure of every card that has it, a published measure by its own name."""
        if figure in scores.MEASURES:
            return self.read(lambda card: scores.value(card, figure))
        return self.read(lambda card: card["figures"][figure]["value"])

    def perfect(self, measure: str) -> list[float]:
        """What codes would score that are the attributes; none decodes tokens."""
        return self.read(lambda card: card["perfect"][measure]["mean"])

    def talk(self, names: Sequence[str]) -> Floats:
        """Cross-talk [knob, attribute], heard: see `crosstalk`; a mean over seeds, each change over
        that of the knob's own attribute. NaN where a card does not say, or nothing moves."""
        found = [
            self.read(lambda card, knob=knob, name=name: _shift(card, knob, name))
            for knob in names
            for name in names
        ]
        means = [float(np.mean(values)) if values else np.nan for values in found]
        return np.array(means).reshape(len(names), len(names))


def _shift(card: Card, knob: str, name: str) -> float | None:
    shifts = card["knobs"][knob]["heard"]["shifts"]
    return shifts[name] / shifts[knob] if shifts[knob] else None


def grouped(runs: Mapping[str, Trained]) -> list[Seeds]:
    """Runs by all that they share but the seed, in the order given."""
    found: dict[str, dict[str, Trained]] = {}
    for name, run in runs.items():
        found.setdefault(_json(flat(run.config)), {})[name] = run
    return [_seeds(alike) for alike in found.values()]


def _seeds(runs: Mapping[str, Trained]) -> Seeds:
    first = next(iter(runs.values()))
    protocol = scores.protocol(first.card or first.data)
    return Seeds(scores.column(first), protocol, runs, flat(first.config))


def flat(config: dict[str, Any]) -> dict[str, Any]:
    """A stored config by dotted names, with the defaults that it did not know yet."""
    facts = dict(_leaves(msgspec.to_builtins(configs.convert(config))))
    del facts["seed"]
    return facts


def attributes(groups: Sequence[Seeds]) -> list[str]:
    """Those that have a knob in any of the groups."""
    return list(dict.fromkeys(name for group in groups for name in group.attributes))


def labels(groups: Sequence[Seeds]) -> list[str]:
    """What each is: its column, what most groups of the same column have otherwise, and the
    protocol, where there are two."""
    mixed = len({group.protocol for group in groups}) > 1
    return [
        ", ".join(
            [g.column.replace("beta", "β"), *_own(g, groups), *[f"{g.protocol} protocol"] * mixed]
        )
        for g in groups
    ]


def differences(groups: Sequence[Seeds]) -> dict[str, list[str]]:
    """What configs do not agree on: of every group the value, "–" if its method has no such."""
    names = dict.fromkeys(name for group in groups for name in group.config)
    rows = {n: [shown(g.config[n]) if n in g.config else "–" for g in groups] for n in names}
    return {name: row for name, row in rows.items() if len({*row} - {"–"}) > 1}


def shown(value: Any) -> str:
    """As a change of a config has it."""
    if isinstance(value, str):
        return value
    return f"{value:g}" if isinstance(value, float) else _json(value)


def _own(group: Seeds, groups: Sequence[Seeds]) -> Iterator[str]:
    """Of two that differ both are told, of more those that are in no majority."""
    alike = [other for other in groups if other.column == group.column]
    for name, value in group.config.items():
        same = sum(other.config[name] == value for other in alike)
        if same < len(alike) and 2 * same <= len(alike):
            yield f"{name}={shown(value)}"


def _leaves(facts: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield above + name, value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
