from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from training.checkpoint import Trained
from training.comparing import twins
from training.data.dataset import Dataset
from training.evaluation import aggregated, evaluate, steering, surface
from training.figures import canvas, glsr_surfaces
from training.figures.measured import Measured


@pytest.fixture(autouse=True)
def _look() -> Iterator[None]:
    with canvas.look():
        yield


@pytest.fixture(scope="module")
def runs(glsr: dict[str, Trained], lines: Dataset) -> list[Measured]:
    return [Measured(name, trained, lines) for name, trained in glsr.items()]


@pytest.fixture(scope="module")
def planes(runs: list[Measured]) -> list[glsr_surfaces.Plane]:
    return glsr_surfaces.planes(runs)


def test_the_notes_on_each_plane(runs: list[Measured], planes: list[glsr_surfaces.Plane]) -> None:
    page = glsr_surfaces.notes(runs)
    panels = [axes for axes in page.axes if axes.images]
    assert len(panels) == len(planes) == 1 + len(steering.directions(*_plain(runs)))
    for axes, plane in zip(panels, planes, strict=True):
        g = plane.over(surface.played)
        assert (axes.images[0].get_array() == g).all()
        assert axes.images[0].origin == "lower"  # z_2 grows upwards
        assert axes.images[0].get_extent() == [-3, 3, -3, 3]
        assert axes.get_xlabel() == plane.along.name
        assert axes.get_title("left").startswith(f"{plane.run.name}: {surface.rising(g):.0%}")
    limits = {axes.images[0].get_clim() for axes in panels}
    assert len(limits) == 1  # so that colours compare


def test_twins_with_cards_are_compared(runs: list[Measured]) -> None:
    assert glsr_surfaces.compared(runs) == []
    with_cards = [
        replace(
            run,
            trained=replace(run.trained, card=evaluate.evaluate(run.trained, run.data, sample=4)),
        )
        for run in runs
    ]
    regularised, plain = with_cards
    told = list(twins.lines(regularised.card, plain.card))
    assert (
        glsr_surfaces.compared(with_cards) == glsr_surfaces.compared([plain, regularised]) == told
    )
    assert glsr_surfaces.compared(with_cards[:1]) == []
    assert glsr_surfaces.notes(with_cards).get_supxlabel() == "\n".join(told)


def _plain(runs: list[Measured]) -> tuple[Trained, steering.Floats]:
    plain = runs[1].trained
    return plain, steering.slopes(plain, steering.drawn(plain, 0))


def test_a_row_of_three_quantities_for_each_plane(
    runs: list[Measured], planes: list[glsr_surfaces.Plane]
) -> None:
    page = glsr_surfaces.others(runs)
    panels = [axes for axes in page.axes if axes.images]
    assert len(panels) == 3 * len(planes)
    card = steering.bound(runs[0].trained, planes[0].along, steering.drawn(runs[0].trained, 0))
    for axes, (name, quantity) in zip(panels, surface.BESIDE.items(), strict=False):
        wanted, shown = planes[0].over(quantity), axes.images[0].get_array()
        assert np.array_equal(np.ma.filled(shown, np.nan), wanted, equal_nan=True)
        assert f"{name}, |ρ| {card[name]:.2f}" in axes.get_title("left")
    colors = [panels[2].images[0].cmap(panels[2].images[0].norm(x)) for x in (-1, 0, 1)]
    assert len(set(colors)) == 3


def test_a_dot_for_each_test_window(runs: list[Measured]) -> None:
    page = glsr_surfaces.posterior(runs[:1])
    axes = page.axes[0]
    (dots,) = (c for c in axes.collections if isinstance(c, PathCollection))
    found = aggregated.posterior(runs[0].trained, runs[0].data.splits["test"].tokens, seed=0)
    assert np.asarray(dots.get_offsets()) == pytest.approx(found.z[:, :2])
    assert (np.asarray(dots.get_array()) == found.played).all()


def test_the_lines_of_the_surface_beside_it(
    runs: list[Measured], planes: list[glsr_surfaces.Plane]
) -> None:
    left, right, _ = glsr_surfaces.phases(runs[:1]).axes
    g = planes[0].over(surface.played)
    *drawn, mean = (np.asarray(line.get_ydata()) for line in right.lines)
    assert (np.array(drawn) == g).all()
    assert mean == pytest.approx(g.mean(0))
    assert left.get_title("left") == "regularised: r = N(2, 0.1)"
    assert glsr_surfaces.asked(runs[1]) == "plain"
