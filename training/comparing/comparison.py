"""A folder with all that compares runs: comparison.md, its two figures, and a page to listen to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from presets.whole import write_whole
from training import figures
from training.checkpoint import Trained
from training.comparing import compare, listening
from training.comparing.groups import Seeds
from training.data.dataset import Dataset
from training.figures import canvas
from training.figures.measured import Measured, opened

FIGURES = {  # and what they show
    "knobs": "What is heard along every knob",
    "cross-talk": "What a knob changes beside its own attribute",
}


def write(folders: Sequence[Path], output: Path) -> Path:
    """Compare the runs in `folders`; the path of comparison.md in `output`. Raises GlissarError."""
    trained = compare.loaded(folders)
    groups, runs = compare.measured(trained), _opened(folders)
    for name in FIGURES:
        canvas.save(figures.drawn(name, runs), output / f"{name}.svg")
    heard = listening.write(_one_of_each(groups, runs), output / "listen")
    told = "\n".join(_lines(groups, trained, heard.relative_to(output)))
    write_whole(output / "comparison.md", f"{told}\n".encode())
    return output / "comparison.md"


def _opened(folders: Sequence[Path]) -> list[Measured]:
    """Runs of one dataset share it: in every key it is large."""
    shared: dict[str, Dataset] = {}
    found: list[Measured] = []
    for folder in folders:
        run = opened(folder)
        found.append(replace(run, data=shared.setdefault(run.trained.config["data"], run.data)))
    return found


def _one_of_each(groups: Sequence[Seeds], runs: Sequence[Measured]) -> list[Measured]:
    """To listen to: the first run of each method, of those that learnt from the first one's data.

    (The same model without a part of it would make the page too long: `glissar-train listen`.)
    """
    first = {group.column: next(iter(group.runs)) for group in reversed(groups)}
    data = runs[0].data
    return [run for run in runs if run.name in first.values() and run.data is data]


def _lines(groups: Sequence[Seeds], runs: Mapping[str, Trained], heard: Path) -> Iterator[str]:
    yield from ("# Runs side by side", "", *(f"- {line}" for line in compare.legend(groups)), "")
    yield f"[Unseen bars to listen to]({heard.as_posix()}), with every knob at five places."
    yield from ("", *(f"![{words}]({name}.svg)" for name, words in FIGURES.items()))
    for part in compare.parts(groups, runs):
        yield from part.markdown()
