"""The papers' figures, and two of ours, drawn from runs: a table, one row a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure as Sheet

from presets.errors import GlissarError
from training.figures import (
    ar_scores,
    ar_surfaces,
    ar_traversals,
    canvas,
    glsr_surfaces,
    glsr_variations,
    knob_curves,
    talk,
)
from training.figures.measured import Measured, opened

ANY = ""
ONE, SEVERAL = range(1, 2), range(1, 1000)  # how many runs a figure takes


class Figure(NamedTuple):
    """What draws it, and the runs that it is drawn from."""

    draw: Callable[[Sequence[Measured]], Sheet]
    method: str  # "ar-vae" or "glsr-vae"; ANY takes all, side by side
    runs: range  # … of which so many


FIGURES: dict[str, Figure] = {  # by the paper and its number there; those of ANY are ours
    "ar-3": Figure(ar_scores.measures, "ar-vae", SEVERAL),
    "ar-5": Figure(ar_scores.reconstruction, "ar-vae", SEVERAL),
    "ar-11": Figure(ar_traversals.traversals, "ar-vae", ONE),
    "ar-11-within": Figure(ar_traversals.within, "ar-vae", ONE),
    "ar-13": Figure(ar_surfaces.surfaces, "ar-vae", ONE),
    "glsr-2": Figure(glsr_surfaces.notes, "glsr-vae", SEVERAL),
    "glsr-3": Figure(glsr_surfaces.others, "glsr-vae", SEVERAL),
    "glsr-4": Figure(glsr_variations.variations, "glsr-vae", ONE),
    "glsr-5": Figure(glsr_surfaces.posterior, "glsr-vae", ONE),
    "glsr-6": Figure(glsr_surfaces.phases, "glsr-vae", ONE),
    "knobs": Figure(knob_curves.curves, ANY, SEVERAL),
    "cross-talk": Figure(talk.matrices, ANY, SEVERAL),
}


def of_run(run: Path, measured: Measured) -> list[Path]:
    """Every figure of the run's method that one run is enough for, into RUN/figures/."""
    names = [n for n, f in FIGURES.items() if f.method == measured.method and 1 in f.runs]
    paths = [run / "figures" / f"{name}.svg" for name in names]
    for name, path in zip(names, paths, strict=True):
        canvas.save(drawn(name, [measured]), path)
    return paths


def draw(name: str, runs: Sequence[Path], output: Path, data: Path | None = None) -> None:
    """One figure from the folders `runs` into a file. Raises GlissarError."""
    named(name)
    canvas.kind(output)  # before what takes a minute
    canvas.save(drawn(name, [opened(run, data) for run in runs]), output)


def drawn(name: str, runs: Sequence[Measured]) -> Sheet:
    """One figure, in the look that all have. Raises GlissarError."""
    figure = named(name)
    for run in runs:
        if run.method != figure.method != ANY:
            raise GlissarError(
                f"{name} shows runs of {figure.method} and {run.name} is of {run.method}; "
                "give a run of that method."
            )
    if figure.method == ANY and not any(run.trained.dimensions for run in runs):
        raise GlissarError(f"{name} shows knobs, and these runs have none; give a run that has.")
    if len(runs) not in figure.runs:
        raise GlissarError(f"{name} takes {_count(figure.runs)} and not {len(runs)}; give as many.")
    with canvas.look():
        return figure.draw(runs)


def named(name: str) -> Figure:
    """Raises GlissarError."""
    if name not in FIGURES:
        raise GlissarError(f"there is no figure {name}; choose of {', '.join(FIGURES)}.")
    return FIGURES[name]


def _count(runs: range) -> str:
    least = "one run" if runs.start == 1 else f"{runs.start} runs"
    return least if len(runs) == 1 else f"{least} or more"
