from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from matplotlib.axes import Axes

from presets.attributes import measure
from training import figures, methods
from training.config import HouseRun
from training.evaluation import control
from training.figures import canvas, knob_curves, knobs
from training.figures.measured import Measured
from training.models.house import HouseVAEConfig


@pytest.fixture(scope="module")
def house(bare: Measured) -> Measured:
    """A house model that has read the style's places, and learnt nothing else."""
    config = HouseRun(model=HouseVAEConfig(z=6, width=16, blocks=1))
    trained = bare.trained
    model = methods.build(config, trained.encoding, bare.data.splits["train"].tokens).eval()
    told = msgspec.to_builtins(config)
    return replace(bare, name="house", trained=replace(trained, model=model, config=told))


def lines(axes: Axes, label: str) -> list[np.ndarray]:
    return [np.asarray(line.get_ydata()) for line in axes.lines if line.get_label() == label]


def test_a_panel_for_every_attribute_a_curve_for_every_group(
    bare: Measured, house: Measured
) -> None:
    twin = replace(
        bare,
        name="seed 1",
        trained=replace(bare.trained, config={**bare.trained.config, "seed": 1}),
    )
    page = figures.drawn("knobs", [bare, twin, house])
    panels = page.subfigs[0].axes
    assert [axes.get_title("left") for axes in panels] == ["rhythm", "range", "density", "contour"]
    assert [axes.get_ylabel() for axes in panels][1:3] == ["semitones", "notes"]
    found = knob_curves.curve([bare, twin], "density")
    first, second = lines(panels[2], "mean")
    assert np.array_equal(first, found.mean)
    assert np.array_equal(second, knob_curves.curve([house], "density").mean)
    assert len(lines(panels[2], "style")) == 1
    (legend,) = page.subfigs[0].legends
    assert [text.get_text() for text in legend.get_texts()] == ["1 AR-VAE other", "2 house other"]


def test_the_house_model_has_as_many_notes_as_the_style_at_that_percentile(
    house: Measured,
) -> None:
    found = knob_curves.curve([house], "density")
    assert np.array_equal(found.mean, found.style)
    assert np.array_equal(found.low, found.high)
    windows = knobs.sampled(house, "train").tokens
    notes = measure(windows, house.trained.encoding, ["density"])[:, 0] * 24
    assert found.style == pytest.approx(np.quantile(notes, control.POSITIONS))


def test_bars_without_room_are_left_out(bare: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = knob_curves.turned(bare, "range")
    assert everything.shape == (len(knobs.sampled(bare, "test", knob_curves.BARS)), 9)
    monkeypatch.setattr(control, "room", lambda played, _: played.count > played.count.max() - 1)
    assert np.array_equal(knob_curves.turned(bare, "range"), everything)  # all have four notes
    monkeypatch.setattr(control, "room", lambda played, _: np.arange(len(played.count)) == 0)
    assert np.array_equal(knob_curves.turned(bare, "range"), everything[:1])


def test_after_four_groups_others_go_on_below(bare: Measured, tmp_path: Path) -> None:
    runs = [
        replace(
            bare,
            name=f"{n}",
            trained=replace(bare.trained, config=bare.trained.config | {"epochs": n}),
        )
        for n in range(1, 6)
    ]
    page = figures.drawn("knobs", runs)
    assert [len(lines(part.axes[0], "mean")) for part in page.subfigs] == [4, 1]
    canvas.save(page, tmp_path / "knobs.svg")
    assert (tmp_path / "knobs.svg").stat().st_size < 100_000
