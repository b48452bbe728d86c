from __future__ import annotations

import numpy as np
import pytest

from training.figures import ar_surfaces, canvas, knobs
from training.figures.ar_surfaces import Surface
from training.figures.measured import Measured

AXIS = np.linspace(-5, 5, 11)
MUSIC = np.array([[-1.0, -2.0], [1.0, 2.0]])  # x from −1 to 1, y from −2 to 2


def test_a_plane_moves_two_coordinates_and_leaves_the_others() -> None:
    rest = np.array([7, 8, 9, 10], np.float32)
    points = ar_surfaces.plane(rest, 2, 0, np.array([-5, 0, 5], np.float32))
    assert points.shape == (3, 3, 4)
    assert points[1, 2].tolist() == [0, 8, 5, 10]  # row 1: y; column 2: x
    assert points[2, 0].tolist() == [5, 8, -5, 10]


def test_what_rises_along_x_alone() -> None:
    found = Surface("density", np.tile(AXIS, (11, 1)), AXIS, 0, 5, MUSIC)
    assert (found.along, found.across) == (pytest.approx(1), 0)
    turned = found._replace(values=found.values.T)
    assert (turned.along, turned.across) == (0, pytest.approx(1))


def test_inside_is_where_the_music_lies() -> None:
    values = np.tile(np.where(np.abs(AXIS) <= 1, AXIS, -AXIS), (11, 1))
    found = Surface("density", values, AXIS, 0, 5, MUSIC)
    assert found.inside.values.shape == (5, 3)
    assert found.inside.along == pytest.approx(1)
    assert found.along < 0
    narrow = found._replace(music=MUSIC / 10)
    assert (narrow.inside.along, narrow.inside.across) == (0, 0)


def test_a_panel_for_every_attribute_with_its_values(bare: Measured) -> None:
    with canvas.look():
        page = ar_surfaces.surfaces([bare], step=1.0)
    surfaces = ar_surfaces.measured(bare, step=1.0)
    panels = [axes for axes in page.axes if axes.get_xlabel().startswith("z")]
    assert len(panels) == len(surfaces) == 4
    for axes, surface in zip(panels, surfaces, strict=True):
        (image,) = axes.images
        assert np.array_equal(np.asarray(image.get_array()), surface.values)
        assert surface.values.shape == (11, 11)
        assert axes.get_xlabel() == f"z{surface.x}"
        assert axes.get_title(loc="left").startswith(f"{surface.name}\nρ {surface.along:.2f}")


def test_y_is_free_and_says_something(bare: Measured) -> None:
    (y,) = {surface.y for surface in ar_surfaces.measured(bare, step=5.0)}
    spread = knobs.codes(bare).std(0)
    assert spread[y] == spread[4:].max()
