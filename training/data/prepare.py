"""A corpus → a dataset and its card: what is in it, whose it is, and what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from presets.errors import GlissarError
from training.data import dataset, phrases
from training.data.bars import Work
from training.data.cuts import BARS, Cut
from training.data.dataset import Dataset
from training.data.split import SPLITS

Watch = Callable[[Iterable[Any], int], Iterable[Any]]  # a progress bar: items, how many


def bach(seed: int, watch: Watch, rows: bool = False, cut: Cut = BARS) -> Dataset:
    """The chorales, and the other Bach scores as test; by `rows` as the papers: the iterator."""
    from training.corpora import bach as corpus  # music21 takes seconds to import

    iterated, others = (corpus.entries(), []) if rows else corpus.names()
    which = [(name, True) for name in iterated] + [(name, False) for name in others]
    built = dataset.assemble(watch(corpus.read(which, cut), len(which)), seed, rows, cut)
    built.card.update(
        {
            "command": f"glissar-train prepare{_how(rows, cut)} --seed {seed}",
            "corpus": corpus.CORPUS,
            "music21": corpus.version(),
            "licences": corpus.LICENCES,
            "chorale works": len(iterated),
            "other Bach scores": len(others),
        }
    )
    return built


def two_bars(seed: int, watch: Watch, stride: int = 4) -> Dataset:
    """Two bars of the chorales' sopranos at a time, by the notes' names."""
    from training.corpora import bach as corpus  # music21 takes seconds to import

    works, _ = corpus.names()
    built = phrases.build(watch(corpus.lines(works), len(works)), stride, seed)
    built.card.update(
        {
            "command": f"glissar-train prepare --two-bars --stride {stride} --seed {seed}",
            "corpus": phrases.CORPUS,
            "music21": corpus.version(),
            "licences": corpus.LICENCES,
            "chorale works": len(works),
        }
    )
    return built


def folk(seed: int, watch: Watch, rows: bool = False, cut: Cut = BARS) -> Dataset:
    """Three printed collections of dance tunes and airs; by `rows` in an order drawn by `seed`."""
    from training.corpora import folk as corpus  # music21 takes seconds to import

    tunes = corpus.tunes()
    chosen = [tune for tune in tunes if tune.in_four]
    if rows:
        chosen = [chosen[i] for i in np.random.default_rng(seed).permutation(len(chosen))]
    collections = {
        name: Counter(
            {
                "tunes": sum(tune.collection == name for tune in tunes),
                "tunes in 4/4 or 2/2": sum(tune.collection == name for tune in chosen),
            }
        )
        for name in corpus.COLLECTIONS
    }
    works = _counted(watch(corpus.read(chosen, cut), len(chosen)), collections)
    built = dataset.assemble(works, seed, rows, cut)
    credits = Counter(credit for tune in chosen for credit in tune.credits)
    built.card["left out"][corpus.OTHER_METER] = len(tunes) - len(chosen)
    built.card.update(
        {
            "command": f"glissar-train prepare --folk{_how(rows, cut)} --seed {seed}",
            "corpus": corpus.CORPUS,
            "music21": corpus.version(),
            "licences": corpus.LICENCES,
            "collections": collections,
            "transcribers": dict(credits.most_common()),  # as they sign -> tunes
        }
    )
    return built


def midi(folder: Path, seed: int, watch: Watch, rows: bool = False, cut: Cut = BARS) -> Dataset:
    """A folder of MIDI files. Raises GlissarError."""
    from training.corpora import midi as corpus

    files = corpus.find(folder)
    ledger = corpus.Ledger()
    works = ledger.works(watch(corpus.read(folder, files, cut), len(files)))
    built = dataset.assemble(works, seed, rows, cut)
    left_out = Counter(built.card["left out"]) + ledger.left_out
    if not all(len(built.bars[side]) for side in SPLITS):
        raise GlissarError(
            f"{len(built.works)} of the {len(files)} files in {folder} have usable bars, too few "
            f"or too much alike to hold some out ({_reasons(ledger, left_out)}); give more music."
        )
    built.card.update(
        {
            "command": f"glissar-train prepare --midi {folder}{_how(rows, cut)} --seed {seed}",
            "corpus": f"melodies of {len(built.works)} MIDI files, 4/4, MIDI pitches",
            "licences": "What the files' owners allow is not known here.",
            "files": len(files),
            "left out": dict(left_out),
            **ledger.card(),
        }
    )
    return built


def _how(rows: bool, cut: Cut) -> str:
    return " --rows" * rows + cut.option


def _counted(works: Iterable[Work], collections: dict[str, Counter[str]]) -> Iterator[Work]:
    for work in works:
        counts = collections[work.name.partition("/")[0]]
        counts["bars used"] += len(work.tokens)
        counts.update(work.left_out)
        yield work


def _reasons(ledger: Any, left_out: Counter[str]) -> str:
    told = [f"{count} {reason}" for reason, count in left_out.most_common(3)]
    if ledger.damaged:
        told.append(f"{len(ledger.damaged)} files that could not be read")
    return "left out: " + ", ".join(told) if told else "nothing was left out"
