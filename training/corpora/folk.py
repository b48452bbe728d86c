"""Reels, hornpipes and airs: three printed collections in the installed music21's corpus.

O'Neill's Music of Ireland, Ryan's Mammoth Collection and Aird's Airs, in ABC. The tunes are read
where music21 lies and never shipped. They are taken as they are written, or as they are played:
with their repeats, and round again, since dances go round. Grace notes are dropped; a tune that
changes its meter is taken bar by bar. (Essen's songs are not for every use and left alone.)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import music21

from presets.bar import Window
from training.corpora import pool, scores
from training.data.bars import Work, encode
from training.data.cuts import BARS, Cut

COLLECTIONS = ("oneills1850", "ryansMammoth", "airdsAirs")
CORPUS = "tunes of O'Neill, Ryan and Aird in music21's corpus, 4/4 and 2/2, MIDI pitches"
METERS = ("4/4", "2/2")  # C and C| too: both last four quarters
OTHER_METER = "tunes without a meter of four quarters"
NO_TUNE = "tunes that music21 cannot read"
ROUNDS = 2  # of a tune that is played, so that a window can begin at any of its bars
LICENCES = (
    "music21 is BSD-3-Clause; its corpus/license.txt says that encodings are distributed with the "
    "permission of the encoders and that some may not be used commercially; these files name their "
    "transcribers and no licence. The melodies are in the public domain."
)

_TUNE = re.compile(r"^[ \t]*X:[ \t]*0*(\d+)", re.MULTILINE)
_FOUR = re.compile(r"^\s*M:\s*(C\|?|4/4|2/2)\s*(%.*)?$|\[M:\s*(C\|?|4/4|2/2)\s*\]", re.MULTILINE)
_BY = re.compile(
    r"^.*\b(?:transcribed|contributed|transcription)\b.*?\bb[ye] *|^\d{4} by |^\d{8} ", re.I
)
_ADDRESS = re.compile(r"[\s,]*[<(*].*$|[\s,]+\S*[@:]\S*.*$|[\s,]+\d+/\d+/\d+$")
_CREDIT = re.compile(r"^[ \t]*Z:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Tune:
    """A tune as it is written: the work that it belongs to, and its ABC."""

    work: str  # "oneills1850/1556"; a tune that two people transcribed is one work
    abc: str

    @property
    def collection(self) -> str:
        return self.work.partition("/")[0]

    @property
    def credits(self) -> list[str]:
        """Its Z: fields: who transcribed it, and what else they say there. Without addresses."""
        signed = (_BY.sub("", credit.strip('" ')) for credit in _CREDIT.findall(self.abc))
        return [_ADDRESS.sub("", credit) for credit in signed]

    @property
    def in_four(self) -> bool:
        return _FOUR.search(self.abc) is not None


def tunes() -> list[Tune]:
    """Every tune of the collections, in order of file and place."""
    root = Path(music21.__file__).parent / "corpus"
    files = (file for name in COLLECTIONS for file in sorted((root / name).glob("*.abc")))
    return [tune for file in files for tune in _split(file)]


def read(tunes: Sequence[Tune], cut: Cut = BARS) -> Iterator[Work]:
    """The works of those tunes, parsed on all cores, in order."""
    return pool.on_all_cores(partial(_work, cut), tunes)


def version() -> str:
    return str(music21.__version__)


def _split(file: Path) -> list[Tune]:
    """A file's tunes, by number where it has several (O'Neill's and Aird's are the book's)."""
    text = file.read_text("utf-8").replace("\r", "")
    starts = [*_TUNE.finditer(text)]
    ends = [*(match.start() for match in starts[1:]), len(text)]
    return [
        Tune(
            f"{file.parent.name}/{match[1] if len(starts) > 1 else file.stem}",
            text[match.start() : end],
        )
        for match, end in zip(starts, ends, strict=True)
    ]


def _work(cut: Cut, tune: Tune) -> Work:
    left_out: Counter[str] = Counter()
    windows: list[Window] = []
    lines: list[int] = []
    try:
        score: Any = music21.converter.parseData(tune.abc, format="abc")
    except (music21.exceptions21.Music21Exception, ValueError, LookupError):
        left_out[NO_TUNE] += 1
    else:
        rounds = ROUNDS if cut.played else 0
        windows, lines, left_out = scores.windows(score.parts[0], METERS, rounds)
    tokens, kept, unfit = encode(windows, lines, cut.bar)
    return Work(tune.work, tokens, kept, left_out + unfit)
