"""Works → token windows in every key, split by work, in one file without pickles.

The split is honest: works are held out whole, and of the held-out works only those bars count whose
form, moved to a common pitch, occurs in no work that the model learns from or is chosen by.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets.bar import Window
from presets.encoding import Encoding, Grid, Tokens, Vocabulary
from presets.errors import GlissarError

LOW, HIGH = 55, 84  # MIDI; AR-VAE's range
POSITIONS = tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4"))
BACH = Encoding(Grid(POSITIONS), Vocabulary.midi(LOW, HIGH))
ENCODINGS = {"bar24-midi": BACH}  # by the name that data cards and runs carry

SPLITS = ("train", "validation", "test")
HELD_OUT = 0.2  # of the chorale iterator's works: test
VALIDATION = 0.1  # of the works that remain: choosing the best checkpoint

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Tune:
    """A work as the dataset takes it: its name, and whether it may be learnt from."""

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

    def rows(self, chosen: Rows | NDArray[np.bool_]) -> Windows:
        return Windows(self.tokens[chosen], self.work[chosen], self.bar[chosen], self.shift[chosen])


@dataclass(frozen=True)
class Dataset:
    splits: dict[str, Windows]
    works: tuple[str, ...]
    card: dict[str, Any]  # what is in it, what was left out and why

    @property
    def encoding(self) -> Encoding:
        return ENCODINGS[self.card["encoding"]]


def build(tunes: Sequence[Tune], seed: int = 0) -> Dataset:
    """Encode, split by work, drop what is not unseen, transpose. Works keep their order."""
    sides = _sides(tunes, seed)
    bars = {split: _Bars() for split in SPLITS}
    left_out: Counter[str] = Counter()
    for index, tune in enumerate(tunes):
        for window in tune.windows:
            reason = _unfit(window)
            if reason:
                left_out[reason] += 1
            else:
                bars[sides[index]].add(BACH.encode(window).tokens, index)
    counts = {split: _count(found, tunes) for split, found in bars.items()}
    seen = bars["train"].forms()
    bars["validation"] = bars["validation"].unseen(seen)
    bars["test"] = bars["test"].unseen(seen | bars["validation"].forms())
    splits = {split: _all_keys(found) for split, found in bars.items()}
    for split, found in bars.items():
        counts[split] |= {"bars kept": len(found.tokens), "windows in all keys": len(splits[split])}
    card = {
        "encoding": "bar24-midi",
        "seed": seed,
        "splits": counts,
        "left out": dict(left_out),
        "rule": _RULE,
    }
    return Dataset(splits, tuple(tune.name for tune in tunes), card)


_RULE = (
    f"{HELD_OUT:.0%} of the chorale iterator's works and every other score are test; "
    f"{VALIDATION:.0%} of the rest are validation. Validation keeps only bars whose form, moved to "
    "a common pitch, is in no training work; test only those in no training and no validation "
    f"work. Each bar stands in every key that keeps it inside MIDI {LOW} to {HIGH}."
)


class _Bars:
    """Bars being collected: tokens in the written key, and the work of each."""

    def __init__(self) -> None:
        self.tokens: list[Tokens] = []
        self.works: list[int] = []

    def add(self, tokens: Tokens, work: int) -> None:
        self.tokens.append(tokens)
        self.works.append(work)

    def forms(self) -> set[bytes]:
        return {form(tokens) for tokens in self.tokens}

    def unseen(self, seen: set[bytes]) -> _Bars:
        kept = _Bars()
        for tokens, work in zip(self.tokens, self.works, strict=True):
            if form(tokens) not in seen:
                kept.add(tokens, work)
        return kept


def form(tokens: Tokens) -> bytes:
    """A window moved so that its lowest note is the vocabulary's lowest: the same in every key."""
    keys = BACH.vocabulary.hold
    struck = tokens < keys
    low = tokens[struck].min() if struck.any() else 0
    return np.where(struck, tokens - low, tokens).astype(np.uint8).tobytes()


def keys(tokens: Tokens) -> tuple[Tokens, Rows]:
    """A window in every key that stays inside the vocabulary [K, T], and the shifts [K]."""
    top = BACH.vocabulary.hold
    struck = tokens < top
    if not struck.any():
        return tokens[None], np.zeros(1, np.int64)
    shifts = np.arange(-tokens[struck].min(), top - tokens[struck].max())
    return np.where(struck, tokens + shifts[:, None], tokens), shifts


def _sides(tunes: Sequence[Tune], seed: int) -> list[str]:
    """The split of every work, drawn by work."""
    draw = np.random.default_rng(seed)
    learnable = draw.permutation([i for i, tune in enumerate(tunes) if tune.learnable])
    held = round(HELD_OUT * len(learnable))
    chosen = held + round(VALIDATION * (len(learnable) - held))
    side = dict.fromkeys(learnable[:held].tolist(), "test")
    side |= dict.fromkeys(learnable[held:chosen].tolist(), "validation")
    return [side.get(i, "train" if tune.learnable else "test") for i, tune in enumerate(tunes)]


def _unfit(window: Window) -> str:
    """Why a bar cannot be a token window, or ""."""
    ends = {n.onset for n in window.notes if n.onset >= 0}
    ends |= {n.end for n in window.notes if n.end <= window.length}
    pitches = [n.pitch for n in window.notes if n.onset >= 0]
    if not ends <= set(BACH.grid.ticks):
        return "bars with a note off the grid"
    if pitches and (min(pitches) < LOW or max(pitches) > HIGH):
        return f"bars that leave MIDI {LOW} to {HIGH}"
    return ""


def _count(bars: _Bars, tunes: Sequence[Tune]) -> dict[str, Any]:
    tied = sum(tokens[0] == BACH.vocabulary.hold for tokens in bars.tokens)
    return {
        "works": [tunes[i].name for i in dict.fromkeys(bars.works)],
        "bars": len(bars.tokens),
        "bars tied over their first line": int(tied),
    }


def _all_keys(bars: _Bars) -> Windows:
    moved = [keys(tokens) for tokens in bars.tokens]
    sizes = [len(shifts) for _, shifts in moved]
    if not sizes:
        none = np.zeros(0, np.int64)
        return Windows(np.zeros((0, BACH.grid.steps), np.int64), none, none, none)
    return Windows(
        np.concatenate([tokens for tokens, _ in moved]),
        np.repeat(bars.works, sizes),
        np.repeat(np.arange(len(sizes)), sizes),
        np.concatenate([shifts for _, shifts in moved]),
    )


def save(dataset: Dataset, path: Path) -> None:
    """Write one .npz, whole or not at all; the data card is inside, and beside it to be read."""
    arrays: dict[str, NDArray[np.generic]] = {
        "works": np.array(dataset.works),
        "card": np.array(json.dumps(dataset.card)),
    }
    for split, windows in dataset.splits.items():
        arrays |= {
            f"{split}.tokens": windows.tokens.astype(np.uint8),
            f"{split}.work": windows.work.astype(np.int16),
            f"{split}.bar": windows.bar.astype(np.int32),
            f"{split}.shift": windows.shift.astype(np.int8),
        }
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_whole(path, content.getvalue())
    write_whole(path.with_suffix(".json"), json.dumps(dataset.card, indent=1).encode())


def load(path: Path) -> Dataset:
    """Read what `save` wrote. Raises GlissarError."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            splits = {split: _split(arrays, split) for split in SPLITS}
            return Dataset(splits, tuple(arrays["works"].tolist()), json.loads(str(arrays["card"])))
    except FileNotFoundError as error:
        raise GlissarError(
            f"there is no dataset {path}; make it with: glissar-train prepare -o {path}"
        ) from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise GlissarError(
            f"{path} is not a dataset of glissar ({error}); make it again with: "
            f"glissar-train prepare -o {path}"
        ) from error


def _split(arrays: Any, split: str) -> Windows:
    names = ("tokens", "work", "bar", "shift")
    return Windows(*(arrays[f"{split}.{name}"].astype(np.int64) for name in names))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there complete or as it was before. Raises GlissarError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except OSError as error:
        raise GlissarError(
            f"{path} cannot be written ({error.strerror}); give another place."
        ) from error
