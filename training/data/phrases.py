"""Lines of named sixteenths → two-bar windows, split by work (Hadjeres et al. 2017, §3.2).

Windows begin anywhere in a melody, every `stride` sixteenths, whatever its meter. The dataset keeps
them in the written key and knows how far each work can move: whole melodies are transposed, by
intervals that keep the spelling, as far as they stay inside the soprano's range.

That range, C4 to A5, with the intervals as music21 names them gives 52 names on all chorales; with
the hold those are the paper's 53 tokens. A rest is one more here: the paper tells of none, but the
chorales have some dozens, and a player may be silent too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from presets.encoding import Encoding, Grid, Vocabulary
from presets.errors import GlissarError
from training.corpora.lines import Line
from training.data import encodings, spelling, split
from training.data.bars import Bars
from training.data.dataset import Dataset
from training.data.spelling import PITCH, Codes
from training.data.split import SPLITS

NAME = "twobar32-spelled"
GRID = Grid(tuple(Fraction(k, 4) for k in range(4)), bars=2)
LOW, HIGH = 60, 81  # MIDI; the range of the chorales' sopranos
CORPUS = "soprano of the Bach chorales in music21's corpus, two bars at a time, by the notes' names"
TOO_WIDE = f"works that fit into MIDI {LOW} to {HIGH} in no key"
UNCLEAN = "windows with a note off the sixteenths or a chord"
UNNAMED = "windows with a name that no training work has"
RULE = (
    f"{split.HELD_OUT:.0%} of the works are test, {split.VALIDATION:.0%} of the rest validation. "
    "Validation keeps only windows whose form, moved to a common pitch, is nowhere in a training "
    "work, at whatever sixteenth it begins; test only those nowhere in a training or validation "
    f"work. Each melody stands in every key that keeps it inside MIDI {LOW} to {HIGH}."
)


def build(lines: Iterable[Line], stride: int = 4, seed: int = 0) -> Dataset:
    """Split by work, cut, and drop what is not unseen. `stride`: sixteenths between windows; the
    paper's is 1. Raises GlissarError where nothing is left."""
    room = {line: shifts(line) for line in lines if len(line)}
    usable = [line for line, (low, high) in room.items() if low <= high]
    if not usable:
        raise GlissarError("there is no melody to cut into phrases; give a corpus that has some.")
    sides = split.sides_of([True] * len(usable), seed)
    learnt = [line for line, side in zip(usable, sides, strict=True) if side == "train"]
    words = spelling.vocabulary(_names(learnt, room), LOW, HIGH)
    left_out = Counter({TOO_WIDE: len(room) - len(usable)})
    found = {s: _cut(usable, sides == s, stride, words, left_out) for s in SPLITS}
    kept = _unseen(found, usable, sides, words)
    card = {
        "encoding": NAME,
        **encodings.facts(Encoding(GRID, words)),
        "seed": seed,
        "stride": stride,
        "shifts": {line.name: room[line] for line in usable},
        "left out": dict(left_out),
        "rule": RULE,
    }
    data = Dataset(kept, tuple(line.name for line in usable), card)
    card["splits"] = {s: _count(found[s], data, s) for s in SPLITS}
    return data


def shifts(line: Line) -> tuple[int, int]:
    """The lowest and the highest move, in semitones, that keeps a melody inside the range."""
    pitches = line.steps[line.steps >= 0] // PITCH
    if not len(pitches):
        return 0, 0
    return LOW - int(pitches.min()), HIGH - int(pitches.max())


def _names(lines: Sequence[Line], room: dict[Line, tuple[int, int]]) -> Counter[int]:
    """How often each name is written, in all keys."""
    counts: Counter[int] = Counter()
    for line in lines:
        names = line.steps[line.steps >= 0]
        low, high = room[line]
        for shift in range(low, high + 1):
            counts.update(spelling.moved(names, shift).tolist())
    return counts


def _cut(
    lines: Sequence[Line],
    chosen: NDArray[np.bool_],
    stride: int,
    words: Vocabulary,
    left_out: Counter[str],
) -> Bars:
    """The windows of the chosen lines, in their written keys."""
    rows: list[NDArray[np.uint8]] = [np.zeros((0, GRID.steps), np.uint8)]
    works: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    for index in np.flatnonzero(chosen).tolist():
        names, clean = _windows(lines[index], stride)
        tokens = spelling.tokens(names[clean], words)
        named = (tokens >= 0).all(1)
        left_out.update({UNCLEAN: int((~clean).sum()), UNNAMED: int((~named).sum())})
        rows.append(tokens[named].astype(np.uint8))
        works.append(np.full(int(named.sum()), index, np.int32))
    return Bars(np.concatenate(rows), np.concatenate(works))


def _windows(line: Line, stride: int) -> tuple[Codes, NDArray[np.bool_]]:
    """A line's windows [N, T], and which of them are clean throughout [N]."""
    if len(line) < GRID.steps:
        return np.zeros((0, GRID.steps), np.int32), np.zeros(0, np.bool_)
    names = sliding_window_view(line.steps, GRID.steps)[::stride]
    return names, np.all(sliding_window_view(line.clean, GRID.steps)[::stride], axis=1)


def _unseen(
    found: dict[str, Bars], lines: Sequence[Line], sides: NDArray[np.str_], words: Vocabulary
) -> dict[str, Bars]:
    """The splits, each held-out one without what the lines of those before it contain."""
    seen: set[bytes] = set()
    kept: dict[str, Bars] = {}
    for side, bars in found.items():
        names = spelling.codes(words)[bars.tokens]
        new = np.array([form not in seen for form in forms(names)], np.bool_)
        kept[side] = bars if side == "train" else bars.where(new)
        for index in np.flatnonzero(sides == side).tolist():
            seen.update(forms(_windows(lines[index], 1)[0]))
    return kept


def forms(names: Codes) -> list[bytes]:
    """Windows [N, T] moved so that their lowest note is 0: the same in every key and spelling."""
    struck = names >= 0
    pitch = np.where(struck, names // PITCH, names)
    low = np.where(struck, pitch, PITCH).min(1, initial=PITCH)
    moved = np.where(struck, pitch - low[:, None], pitch).astype(np.int8)
    return [row.tobytes() for row in moved]


def _count(found: Bars, data: Dataset, side: str) -> dict[str, Any]:
    return {
        "works": [data.works[i] for i in dict.fromkeys(found.work.tolist())],
        "bars": len(found),
        "bars kept": len(data.bars[side]),
        "windows in all keys": len(data.splits[side]),
    }
