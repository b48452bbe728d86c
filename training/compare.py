"""Runs side by side: mean and spread over seeds, the papers' figures, and what falls short."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from presets.errors import GlissarError
from training import published, scores, twins
from training.checkpoint import Trained
from training.report import table
from training.split import PAPER


@dataclass(frozen=True)
class Seeds:
    """Runs that differ in their seed alone."""

    column: str  # as `scores.column`
    protocol: str
    runs: Mapping[str, Trained]  # by name

    def values(self, figure: str) -> list[float]:
        """A figure of every card that has it, a published measure by its own name."""
        cards = [run.card for run in self.runs.values()]
        if figure in scores.MEASURES:
            return [scores.value(card, figure) for card in cards]
        found = [card["figures"][figure]["value"] for card in cards if figure in card["figures"]]
        return found if len(found) == len(cards) else []

    def perfect(self, measure: str) -> list[float]:
        """What codes would score that are the attributes; none decodes tokens."""
        if measure == "tokens":
            return []
        return [run.card["perfect"][measure]["mean"] for run in self.runs.values()]


def grouped(runs: Mapping[str, Trained]) -> list[Seeds]:
    """Runs by all that they share but the seed, in the order given. Raises GlissarError."""
    found: dict[str, dict[str, Trained]] = {}
    for name, run in runs.items():
        if not run.card:
            raise GlissarError(f"{name} has no card; make it with glissar-train evaluate.")
        alike = {k: v for k, v in run.config.items() if k != "seed"}
        found.setdefault(json.dumps(alike, sort_keys=True), {})[name] = run
    return [
        Seeds(scores.column(first), scores.protocol(first.card), group)
        for group in found.values()
        for first in (next(iter(group.values())),)
    ]


def lines(runs: Mapping[str, Trained]) -> Iterable[str]:
    """One column for each group of seeds; then, on the papers' protocol, theirs and the marks."""
    groups = grouped(runs)
    for number, group in enumerate(groups, 1):
        of = f"{group.column}, {group.protocol} protocol"
        yield f"{number}: {of}: {', '.join(group.runs)}"
    yield ""
    yield from table(_rows(groups))
    for group in groups:
        yield from _beside(group)
    for name, plain in pairs(runs):
        yield f"\n{name} beside its plain twin {plain}"
        yield from twins.lines(runs[name].card, runs[plain].card)


def pairs(runs: Mapping[str, Trained]) -> Iterable[tuple[str, str]]:
    """Every regularised GLSR-VAE with the run that lacks the regularisation alone."""
    plain = {_alike(run): name for name, run in runs.items() if not _regularised(run)}
    for name, run in runs.items():
        if run.config.get("method") == "glsr-vae" and _regularised(run) and _alike(run) in plain:
            yield name, plain[_alike(run)]


def _regularised(run: Trained) -> bool:
    return bool(run.config["weights"].get("regularisation", 1.0))  # the house model has none


def _alike(run: Trained) -> str:
    """What twins share: all but that weight."""
    weights = {**run.config["weights"], "regularisation": None}
    return json.dumps({**run.config, "weights": weights}, sort_keys=True)


def _rows(groups: Sequence[Seeds]) -> list[list[str]]:
    others = dict.fromkeys(
        name for g in groups for run in g.runs.values() for name in run.card["figures"]
    )
    names = [*scores.MEASURES, *(name for name in others if name not in scores.MEASURES)]
    head = ["mean ± deviation over seeds", *(str(n) for n, _ in enumerate(groups, 1))]
    return [head, *([name, *(spread(g.values(name)) for g in groups)] for name in names)]


def spread(values: Sequence[float]) -> str:
    """Mean ± standard deviation; one value has none."""
    if not values:
        return "–"
    mean = f"{statistics.fmean(values):.3f}"
    return f"{mean} ± {statistics.stdev(values):.3f}" if len(values) > 1 else mean


def _beside(group: Seeds) -> Iterable[str]:
    """Ours, theirs, what must be reached and whether it is; nothing where none was published."""
    theirs = published.ar_vae()["measures"]
    if group.protocol != PAPER or group.column not in theirs["tokens"]:
        return
    rows = [["", "ours", "lowest", "perfect", "published", "must", ""]]
    for measure in scores.MEASURES:
        values, mark = group.values(measure), scores.must(group.column, measure)
        figure = theirs[measure][group.column]
        said = "" if mark is None else "reached" if statistics.fmean(values) >= mark else "MISSED"
        rows.append(
            [
                measure,
                spread(values),
                f"{min(values):.3f}",
                spread(group.perfect(measure)),
                f"{figure['mean']:.3f} ± {figure['sd']:.3f}",
                "–" if mark is None else f"{mark:.3f}",
                said,
            ]
        )
    yield f"\n{group.column} on the papers' protocol, {len(group.runs)} seeds beside ten"
    yield from table(rows)
