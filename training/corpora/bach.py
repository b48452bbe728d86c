"""The Bach chorales of the installed music21, as 4/4 bars of their soprano.

The tunes are read where music21 lies and never shipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import music21
from music21.corpus import chorales

from training.corpora import pool, scores
from training.corpora.lines import Line, line
from training.data.bars import Work, encode
from training.data.cuts import BARS, Cut

CORPUS = "soprano of the Bach scores in music21's corpus, 4/4, MIDI pitches"
LICENCES = (
    "music21 is BSD-3-Clause; its corpus/license.txt says that encodings are distributed with the "
    "permission of the encoders and that some may not be used commercially; the Bach files carry "
    "no rights statement of their own. The melodies are in the public domain."
)
NO_SOPRANO = "works without a soprano"


def entries() -> list[str]:
    """The chorale iterator's entries in its order, with the works that it has twice."""
    listed: Any = chorales.Iterator(returnType="filename")
    return [Path(name).name for name in listed]


def names() -> tuple[list[str], list[str]]:
    """The distinct works of the chorale iterator, and the other scores of corpus/bach."""
    iterated = sorted(set(entries()))
    folder = Path(music21.__file__).parent / "corpus" / "bach"
    files = (*folder.glob("*.mxl"), *folder.glob("*.xml"), *folder.glob("*.krn"))
    return iterated, sorted({file.stem for file in files} - set(iterated))


def read(which: Sequence[tuple[str, bool]], cut: Cut = BARS) -> Iterator[Work]:
    """The works of those names, each given with whether it may be learnt from, in order."""
    return pool.on_all_cores(partial(_work, cut), which)


def lines(which: Sequence[str]) -> Iterator[Line]:
    """The soprano lines of those works, empty where there is none, in order."""
    return pool.on_all_cores(_line, which)


def version() -> str:
    return str(music21.__version__)


def _work(cut: Cut, named: tuple[str, bool]) -> Work:
    name, learnable = named
    soprano = _soprano(_score(name))
    if soprano is None:
        return Work(name, *encode([], [], cut.bar)[:2], Counter({NO_SOPRANO: 1}), learnable)
    windows, lines, left_out = scores.windows(soprano, ("4/4",), rounds=int(cut.played))
    tokens, lines, unfit = encode(windows, lines, cut.bar)
    return Work(name, tokens, lines, left_out + unfit, learnable)


def _line(name: str) -> Line:
    return line(name, _soprano(_score(name)))


def _score(name: str) -> Any:
    # forceSource: read the score itself, not music21's pickled cache of it
    return music21.corpus.parse(f"bach/{name}", forceSource=True)


def _soprano(score: Any) -> Any | None:
    """The part that is called soprano, or the top one of four."""
    parts = list(score.parts)
    named = [part for part in parts if "soprano" in str(part.partName).lower()]
    return named[0] if named else parts[0] if len(parts) == 4 else None
