"""Runs side by side: mean and spread over seeds, the papers' figures, and what falls short."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from presets.errors import GlissarError
from training import checkpoint, published
from training.checkpoint import Trained
from training.comparing import scores, twins
from training.comparing.groups import Card, Seeds, attributes, differences, grouped, labels
from training.comparing.parts import Part, beside, short
from training.data.split import PAPER
from training.evaluation.report import table

NAME, HEAD = 46, 29  # columns of a group's name before a row, and over a matrix


class Reading(Protocol):
    """A figure of a card about a knob. Raises KeyError where the card does not have it."""

    def __call__(self, card: Card, knob: str) -> float: ...


def _figure(name: str) -> Reading:
    return lambda card, knob: card["figures"][f"knob/{knob}/{name}"]["value"]


def _sweep(kind: str, name: str) -> Reading:
    return lambda card, knob: card["knobs"][knob][kind][name]


KNOBS: dict[str, Reading] = {
    "Spearman, decoded": _figure("decoded spearman"),
    "Spearman, heard": _figure("heard spearman"),
    "Spearman where it can move, decoded": _figure("decoded spearman where it can"),
    "Spearman where it can move, heard": _figure("heard spearman where it can"),
    "never wrong, decoded": _figure("decoded never wrong"),
    "never wrong, heard": _figure("heard never wrong"),
    "moves at all, decoded": _figure("decoded moves at all"),
    "moves at all, heard": _figure("heard moves at all"),
    "span reached, decoded": _sweep("decoded", "reached"),
    "span reached, heard": _sweep("heard", "reached"),
    "notes kept, heard": _sweep("heard", "kept"),
    "notes in the bar's key, heard": _sweep("heard", "in key"),
    "value asked for is heard": lambda card, knob: card["asked"][knob]["reached"],
}
ENCODINGS = {"KL, nats": "kl", "dimensions": "dimensions", "of them σ̄ < .5": "pinned"}
PRIOR = {name: name for name in ("unusable", "silent", "beyond", "distinct", "known")}
REFERENCE = (
    "unusable: no note, or an attribute beyond all training windows. Of AR-VAE's public code it\n"
    "was a third, after 12 of 100 epochs: padding, nothing but holds, or marks inside the bar"
)
MEANT = (
    "heard: after the residual edit; span: from 2 % to 98 % of the style; a bar of one note can\n"
    "move neither range nor contour. –: a card too old for the figure; glissar-train evaluate RUN"
)
TALK = (
    "a row: a knob goes through its places; a column: what changes then, on average, over the\n"
    "change of the knob's own attribute"
)


def lines(runs: Mapping[str, Trained]) -> Iterable[str]:
    """What `parts` has, for a terminal. Raises GlissarError."""
    groups = measured(runs)
    yield from legend(groups)
    for part in parts(groups, runs):
        yield from part.lines()


def legend(groups: Sequence[Seeds]) -> Iterable[str]:
    """The number of every group, what it is, and its runs."""
    for number, (group, label) in enumerate(zip(groups, labels(groups), strict=True), 1):
        told = label if label.endswith("protocol") else f"{label}, {group.protocol} protocol"
        yield f"{number}: {told}: {', '.join(group.runs)}"


def parts(groups: Sequence[Seeds], runs: Mapping[str, Trained]) -> Iterable[Part]:
    """Groups of seeds side by side; on the papers' protocol theirs and the marks; plain twins."""
    yield Part("Codes and tokens", _rows(groups))
    yield Part("Encodings", _of_runs(groups, "encodings", ENCODINGS))
    if attributes(groups):
        yield Part("Knobs", _knobs(groups), note=MEANT)
        yield Part("Cross-talk, heard", text=_talk(groups), note=TALK)
    yield Part("Windows drawn from the prior", _of_runs(groups, "prior", PRIOR), note=REFERENCE)
    if apart := differences(groups):
        head = ["", *(str(n) for n, _ in enumerate(groups, 1))]
        yield Part("What configs do not agree on", [head, *([n, *v] for n, v in apart.items())])
    for group in groups:
        yield from _beside(group)
    for name, plain in twins.pairs(runs):
        told = tuple(twins.lines(runs[name].card, runs[plain].card))
        yield Part(f"{name} beside its plain twin {plain}", text=told)


def loaded(folders: Sequence[Path]) -> dict[str, Trained]:
    """Runs by the names of their folders. Raises GlissarError."""
    found: dict[str, Trained] = {}
    for folder in folders:
        name = folder.resolve().name
        if name in found:
            raise GlissarError(f"two runs are called {name}; rename the folder of one.")
        found[name] = checkpoint.load(folder)
    return found


def measured(runs: Mapping[str, Trained]) -> list[Seeds]:
    """Groups of runs that have a card each. Raises GlissarError."""
    for name, run in runs.items():
        if not run.card:
            raise GlissarError(f"{name} has no card; make it with glissar-train evaluate.")
    return grouped(runs)


def _rows(groups: Sequence[Seeds]) -> list[list[str]]:
    """What is not of a knob, a column for each group."""
    others = dict.fromkeys(
        name for g in groups for run in g.runs.values() for name in run.card["figures"]
    )
    plain = [n for n in others if n not in scores.MEASURES and not n.startswith("knob/")]
    head = ["mean ± deviation over seeds", *(str(n) for n, _ in enumerate(groups, 1))]
    names = [*scores.MEASURES, *plain]
    return [head, *([name, *(spread(g.values(name)) for g in groups)] for name in names)]


def _names(groups: Sequence[Seeds], width: int = NAME) -> list[str]:
    """Before rows that groups have."""
    return [short(f"{n} {label}", width) for n, label in enumerate(labels(groups), 1)]


def _knobs(groups: Sequence[Seeds]) -> list[list[str]]:
    """A row for each group under every figure that any of them has, a column for each attribute."""
    names = attributes(groups)
    rows = [["mean ± deviation over seeds", *names]]
    for words, reading in KNOBS.items():
        found = [[spread(g.read(partial(reading, knob=name))) for name in names] for g in groups]
        if any(cell != "–" for row in found for cell in row):
            rows.append([words, *("" for _ in names)])
            rows += [[f"  {n}", *row] for n, row in zip(_names(groups), found, strict=True)]
    return rows


def _talk(groups: Sequence[Seeds]) -> list[str]:
    """A matrix for each group, side by side."""
    names = attributes(groups)
    width = max(map(len, names))
    left = [name.ljust(width) for name in ("", "", *names)]
    blocks = [_matrix(*of, names) for of in zip(_names(groups, HEAD), groups, strict=True)]
    return [line.rstrip() for line in beside(left, blocks)]


def _matrix(title: str, group: Seeds, names: Sequence[str]) -> list[str]:
    rows = [["–" if np.isnan(v) else f"{v:.2f}" for v in row] for row in group.talk(names)]
    block = list(table([["", *names], *(["", *row] for row in rows)]))
    return [f"  {title}".ljust(len(block[0])), *block]


def _of_runs(groups: Sequence[Seeds], part: str, figures: Mapping[str, str]) -> list[list[str]]:
    """A row for each group, a column for each figure of that part of a card."""
    rows = [["mean ± deviation over seeds", *figures]]
    for name, group in zip(_names(groups), groups, strict=True):
        found = (group.read(lambda card, of=of: card[part][of]) for of in figures.values())
        rows.append([name, *map(spread, found)])
    return rows


def spread(values: Sequence[float]) -> str:
    """Mean ± standard deviation; one value has none."""
    if not values:
        return "–"
    mean = f"{statistics.fmean(values):.3f}"
    return f"{mean} ± {statistics.stdev(values):.3f}" if len(values) > 1 else mean


def _beside(group: Seeds) -> Iterable[Part]:
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
    title = f"{group.column} on the papers' protocol, {len(group.runs)} seeds beside ten"
    yield Part(title, rows)
