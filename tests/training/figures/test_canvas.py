from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from presets.errors import GlissarError
from training.figures import canvas


def figure() -> Figure:
    with canvas.look():
        page = canvas.page(2, 3)
        axes = page.subplots()
        axes.plot([0, 1], [0, 1], label="a line")
        axes.imshow(np.eye(3))
        axes.legend()
    return page


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_same_figure_is_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        canvas.save(figure(), (tmp_path / name).with_suffix(suffix))
    one, two = ((tmp_path / name).with_suffix(suffix).read_bytes() for name in ("one", "two"))
    assert one == two
    assert one.startswith(b"<?xml" if suffix == ".svg" else b"\x89PNG")


def test_letters_of_an_svg_can_be_searched(tmp_path: Path) -> None:
    canvas.save(figure(), tmp_path / "a.svg")
    assert "a line" in (tmp_path / "a.svg").read_text()


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match=r"\.svg or \.png"):
        canvas.save(figure(), tmp_path / "a.pdf")
    assert not list(tmp_path.iterdir())
