from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from presets.errors import GlissarError
from training import figures
from training.checkpoint import Trained
from training.data import dataset
from training.data.dataset import Dataset
from training.figures import canvas
from training.figures.measured import Measured, opened


def test_a_run_is_opened_with_all_that_figures_ask_for(
    run: Path, bare: Measured, tmp_path: Path
) -> None:
    dataset.save(bare.data, tmp_path / "data.npz")
    found = opened(run, tmp_path / "data.npz")
    assert (found.name, found.method, found.card) == ("quick", "ar-vae", {})
    assert found.data.works == bare.data.works


def test_a_figure_is_the_same_bytes_each_time(measured: Measured, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        canvas.save(figures.drawn("ar-3", [measured]), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize(
    ("name", "count", "sentence"),
    [
        ("ar-99", 1, "there is no figure ar-99; choose of ar-3,"),
        ("ar-3", 0, "ar-3 takes one run or more and not 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    name: str, count: int, sentence: str, measured: Measured
) -> None:
    with pytest.raises(GlissarError, match=sentence):
        figures.drawn(name, [measured] * count)


def test_a_run_of_another_method_is_refused(measured: Measured) -> None:
    other = replace(measured.trained, config={"method": "glsr-vae"})
    with pytest.raises(GlissarError, match="ar-3 shows runs of ar-vae and quick is of glsr-vae"):
        figures.drawn("ar-3", [replace(measured, trained=other)])


def test_runs_without_knobs_have_no_curves(measured: Measured) -> None:
    bare = replace(measured, trained=replace(measured.trained, dimensions=()))
    with pytest.raises(GlissarError, match="these runs have none; give a run that has"):
        figures.drawn("knobs", [bare])


@pytest.mark.parametrize("method", ["ar", "glsr"])
def test_every_figure_that_one_run_is_enough_for(
    method: str, measured: Measured, glsr: dict[str, Trained], lines: Dataset, tmp_path: Path
) -> None:
    two_bars = Measured("regularised", glsr["regularised"], lines)
    paths = figures.of_run(tmp_path, two_bars if method == "glsr" else measured)
    assert {path.stem for path in paths} == {n for n in figures.FIGURES if n.startswith(method)}
    for path in paths:
        assert path.parent == tmp_path / "figures"
        assert path.read_text().startswith("<?xml")
