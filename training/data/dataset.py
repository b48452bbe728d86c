"""Works → bars split by work, in one file without pickles → token windows in every key."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets.bar import Window
from presets.encoding import Encoding, Tokens
from presets.errors import GlissarError
from presets.whole import write_whole
from training.data import encodings, split
from training.data.bars import BACH, Bars, Rows, Work, encode, keys, room, stack
from training.data.cuts import BARS, Cut
from training.data.spelling import in_keys
from training.data.split import HONEST, PAPER, SPLITS

SUFFIX = ".npz"


@dataclass(frozen=True)
class Tune:
    """A work as notes: its name, and whether it may be learnt from."""

    name: str
    learnable: bool
    windows: Sequence[Window]


@dataclass(frozen=True)
class Windows:
    """One split: N token windows, and for each the work and the bar that it comes from."""

    tokens: Tokens  # [N, T]
    work: Rows  # [N], index into Dataset.works
    bar: Rows  # [N], the same number for one bar in all its keys
    shift: Rows  # [N], semitones from the written key

    def __len__(self) -> int:
        return len(self.tokens)

    def some(self, most: int, draw: np.random.Generator) -> Windows:
        """As many as that, in order, where there are more."""
        count = len(self)
        return self.rows(np.sort(draw.choice(count, min(most, count), replace=False)))

    def rows(self, chosen: Rows | NDArray[np.bool_]) -> Windows:
        return Windows(self.tokens[chosen], self.work[chosen], self.bar[chosen], self.shift[chosen])


@dataclass(frozen=True)
class Dataset:
    bars: dict[str, Bars]  # by split, in the written keys
    works: tuple[str, ...]
    card: dict[str, Any]  # what is in it, what was left out and why

    @property
    def encoding(self) -> Encoding:
        return encodings.of_card(self.card)

    @cached_property
    def splits(self) -> dict[str, Windows]:
        """Every bar in all its keys: some ten or twenty times as large."""
        if self.encoding.vocabulary.spelling:
            return {side: _by_interval(bars, self) for side, bars in self.bars.items()}
        return {side: _all_keys(bars) for side, bars in self.bars.items()}


def build(tunes: Iterable[Tune], seed: int = 0) -> Dataset:
    """Encode, and `assemble`."""
    return assemble((_encoded(tune) for tune in tunes), seed)


def assemble(works: Iterable[Work], seed: int = 0, rows: bool = False, cut: Cut = BARS) -> Dataset:
    """Split by work and drop what is not unseen, or by `rows` as the papers do.

    `cut`: how windows are made of bars, which must be encoded as it says.

    Works keep their order; those of one name are one. They are taken one by one: what stays in
    memory is some dozens of bytes a bar.
    """
    index: dict[str, int] = {}
    learnable: list[bool] = []
    bars = [Bars(stack([], cut.steps), np.zeros(0, np.int32))]
    left_out: Counter[str] = Counter()
    for work in works:
        if work.name not in index:
            index[work.name] = len(index)
            learnable.append(work.learnable)
        tokens = cut.windows(work.tokens, work.lines)
        bars.append(Bars(tokens, np.full(len(tokens), index[work.name], np.int32)))
        left_out.update(work.left_out)
    every = _joined(bars)
    found = split.by_rows(every) if rows else split.by_work(every, learnable, seed)
    kept = found if rows else split.unseen(found)
    names = tuple(index)
    card = {
        "encoding": cut.encoding,
        "seed": seed,
        "protocol": PAPER if rows else HONEST,
        "splits": {s: _count(found[s], names) | _count_kept(kept[s]) for s in SPLITS},
        "left out": dict(left_out),
        "rule": (split.ROWS_RULE if rows else split.RULE) + cut.rule,
    }
    return Dataset(kept, names, card)


def _joined(bars: Sequence[Bars]) -> Bars:
    return Bars(np.concatenate([b.tokens for b in bars]), np.concatenate([b.work for b in bars]))


def _count(bars: Bars, names: Sequence[str]) -> dict[str, Any]:
    tied = bars.tokens[:, 0] == BACH.vocabulary.hold
    return {
        "works": [names[i] for i in dict.fromkeys(bars.work.tolist())],
        "bars": len(bars),
        "bars tied over their first line": int(tied.sum()),
    }


def _count_kept(bars: Bars) -> dict[str, int]:
    return {"bars kept": len(bars), "windows in all keys": int(room(bars.tokens).sum())}


def _encoded(tune: Tune) -> Work:
    lines = range(0, len(tune.windows) * BACH.grid.length, BACH.grid.length)
    tokens, kept, left_out = encode(tune.windows, lines)
    return Work(tune.name, tokens, kept, left_out, tune.learnable)


def _all_keys(bars: Bars) -> Windows:
    moved = [keys(tokens) for tokens in bars.tokens]
    sizes = [len(shifts) for _, shifts in moved]
    none = np.zeros(0, np.int64)
    return Windows(
        np.concatenate([bars.tokens[:0].astype(np.int64), *(tokens for tokens, _ in moved)]),
        np.repeat(bars.work.astype(np.int64), sizes),
        np.repeat(np.arange(len(bars)), sizes),
        np.concatenate([none, *(shifts for _, shifts in moved)]),
    )


def _by_interval(bars: Bars, data: Dataset) -> Windows:
    """Names move by intervals; a work goes as far as its own melody stays in range."""
    room = np.array([data.card["shifts"][name] for name in data.works]).reshape(-1, 2)
    low, high = room[bars.work].T
    shifts = np.arange(low.min(initial=0), high.max(initial=0) + 1)
    here = (low <= shifts[:, None]) & (shifts[:, None] <= high)  # [K, bars]
    bar, key = np.nonzero(here.T)
    tokens = in_keys(data.encoding.vocabulary, shifts)[key[:, None], bars.tokens[bar]]
    known: NDArray[np.bool_] = np.all(tokens >= 0, axis=1)
    found = Windows(tokens, bars.work[bar].astype(np.int64), bar, shifts[key])
    return found.rows(known)


def save(dataset: Dataset, path: Path) -> None:
    """Write one .npz, whole or not at all; the data card is inside, and beside it to be read."""
    arrays: dict[str, NDArray[np.generic]] = {
        "works": np.array(dataset.works),
        "card": np.array(json.dumps(dataset.card)),
    }
    for side, bars in dataset.bars.items():
        arrays |= {f"{side}.bars": bars.tokens, f"{side}.work": bars.work}
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_whole(path, content.getvalue())
    write_whole(path.with_suffix(".json"), json.dumps(dataset.card, indent=1).encode())


def load(path: Path) -> Dataset:
    """Read what `save` wrote. Raises GlissarError."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            bars = {s: Bars(arrays[f"{s}.bars"], arrays[f"{s}.work"]) for s in SPLITS}
            data = Dataset(bars, tuple(arrays["works"].tolist()), json.loads(str(arrays["card"])))
            _check(data)
            return data
    except FileNotFoundError as error:
        raise GlissarError(
            f"there is no dataset {path}; glissar-train prepare makes one: of Bach, or --folk, or "
            f"--midi FOLDER, with -o {path}."
        ) from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise GlissarError(
            f"{path} is not a dataset of glissar, or a damaged one; make one with "
            "glissar-train prepare, and give it in the config or with --set data=FILE."
        ) from error


def _check(data: Dataset) -> None:
    """Raises ValueError where rows are no windows of the encoding, or of works that it lacks."""
    steps, words = data.encoding.grid.steps, len(data.encoding.vocabulary.symbols)
    for bars in data.bars.values():
        if bars.tokens.shape != (len(bars.work), steps):
            raise ValueError("rows of another length")
        if bars.tokens.max(initial=0) >= words or bars.work.max(initial=0) >= len(data.works):
            raise ValueError("tokens or works that it does not have")
