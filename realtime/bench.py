"""How long an answer takes, part by part, beside a NumPy workload that gauges the machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from presets import attributes, edit
from presets.bar import Window
from presets.encoding import Encoded
from realtime.events import Decoded, Join, Work
from realtime.model import Model

WARM_UP = 50  # rounds


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds of one part over all rounds."""

    name: str
    p50: float
    p99: float
    p999: float


def bench(model: Model, rounds: int = 2000) -> list[Row]:
    """Time every part once a round, so that all meet the same machine. One thread."""
    parts = _parts(model)
    spent: dict[str, list[float]] = {name: [] for name in parts}
    for number in range(WARM_UP + rounds):
        for name, part in parts.items():
            start = time.perf_counter()
            part()
            if number >= WARM_UP:
                spent[name].append((time.perf_counter() - start) * 1e3)
    return [_row(name, np.array(times)) for name, times in spent.items()]


def _parts(model: Model) -> dict[str, Callable[[], object]]:
    encoding = model.preset.encoding
    window, encoded, work, decided = _busiest(model)
    tokens = encoded.tokens[None]
    z = np.repeat(model.encode(tokens), 2, axis=0)
    noise = np.repeat(model.noise((), 0.0), 2, axis=0)
    many = np.tile(tokens, (1000, 1))
    first, last = (tuple(row) for row in model.preset.golden()["tokens"][:2].tolist())
    names = [dimension.attribute for dimension in model.preset.manifest.dimensions]
    numbers = np.random.default_rng(0).normal(size=20_000)

    def whole() -> object:
        seen = encoding.listen(window)
        done = model.answer(Work(tuple(seen.tokens.tolist()), work.knobs))
        return edit.residual(window, seen, done.before, done.after, encoding)

    return {
        "window to tokens": lambda: encoding.listen(window),
        "encode": lambda: model.encode(tokens),
        "decode (before and after)": lambda: model.decode(z, noise),
        "decode one": lambda: model.decode(z[:1], noise[:1]),
        **{name: partial(move, z[:1]) for name, move in model.moves.items()},
        "path between two windows": lambda: model.join(Join(first, last)),
        "edit": lambda: edit.residual(window, encoded, decided.before, decided.after, encoding),
        "whole answer": whole,
        "label 1,000 windows": lambda: attributes.measure(many, encoding, names),
        "yardstick: NumPy sort of 20,000": lambda: np.sort(numbers),
    }


def _busiest(model: Model) -> tuple[Window, Encoded, Work, Decoded]:
    """The golden window that knobs half-way up change most: a real one, and the slowest to edit."""
    encoding = model.preset.encoding
    knobs = {d.attribute: ("offset", 0.5) for d in model.preset.manifest.dimensions}
    found: list[tuple[int, list[int], Decoded]] = []
    for tokens in model.preset.golden()["tokens"].tolist():
        decided = model.answer(Work(tuple(tokens), knobs))
        changed = sum(a != b for a, b in zip(decided.before, decided.after, strict=True))
        found.append((changed, tokens, decided))
    _, tokens, decided = max(found, key=lambda f: f[0])
    window = Window.of(encoding.notes(tokens), encoding.grid.bars, encoding.grid.meter)
    return window, encoding.encode(window), Work(tuple(tokens), knobs), decided


def _row(name: str, times: np.ndarray) -> Row:
    p50, p99, p999 = np.percentile(times, (50, 99, 99.9)).tolist()
    return Row(name, p50, p99, p999)
