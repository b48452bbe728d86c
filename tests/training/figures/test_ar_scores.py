from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes

from presets.errors import GlissarError
from training import published
from training.comparing import scores
from training.figures import ar_scores
from training.figures.measured import Measured

TUNES = {"Bach": "soprano of the Bach scores", "Folk": "tunes of O'Neill, Ryan and Aird"}


def of(run: Measured, corpus: str, regularisation: float = 1.0, protocol: str = "") -> Measured:
    """The run, had it learnt from another corpus or without regularisation."""
    config = run.trained.config
    weights = {**config["weights"], "regularisation": regularisation}
    card = {**run.card, "protocol": protocol} if protocol else run.card
    data = {**run.trained.data, "corpus": TUNES[corpus]}
    return replace(
        run,
        trained=replace(run.trained, config=config | {"weights": weights}, card=card, data=data),
    )


def drawn(axes: Axes) -> dict[str, list[float]]:
    """The values of the dots, by their labels."""
    return {str(line.get_label()): list(np.asarray(line.get_ydata())) for line in axes.lines}


def test_every_published_seed_is_a_dot(measured: Measured) -> None:
    page = ar_scores.measures([of(measured, "Bach")])
    for axes, measure in zip(page.axes, ar_scores.MEASURES, strict=True):
        found = drawn(axes)
        for column, seeds in published.ar_vae_seeds()[measure].items():
            assert found[f"{column}, published"] == seeds


def test_our_runs_stand_in_their_columns_at_their_values(measured: Measured) -> None:
    runs = [
        *(of(measured, "Bach", protocol="paper") for _ in range(3)),
        of(measured, "Bach"),
        of(measured, "Folk", regularisation=0.0),
    ]
    page = ar_scores.measures(runs)
    for axes, measure in zip(page.axes, ar_scores.MEASURES, strict=True):
        rows, held_out = (scores.value(run.card, measure) for run in (runs[0], runs[3]))
        mine = {label: v for label, v in drawn(axes).items() if not label.endswith("published")}
        assert mine == {
            "AR-VAE Bach, paper": [rows] * 3,
            "AR-VAE Bach, honest": [held_out],
            "beta-VAE Folk, honest": [held_out],
        }


def test_a_dot_stays_in_its_column(measured: Measured) -> None:
    page = ar_scores.measures([of(measured, "Folk", protocol="paper")])
    line = next(x for x in page.axes[0].lines if x.get_label() == "AR-VAE Folk, paper")
    assert np.round(np.asarray(line.get_xdata())) == [ar_scores.COLUMNS.index("AR-VAE Folk")]


def test_other_music_has_a_column_of_its_own(measured: Measured) -> None:
    axes = ar_scores.measures([measured]).axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()][-1] == "AR-VAE\nother"
    assert "AR-VAE other, honest" in drawn(axes)


def test_reconstruction_shows_what_holds_hide(measured: Measured) -> None:
    tokens, onsets, windows = ar_scores.reconstruction([of(measured, "Bach")]).axes
    figures = measured.card["figures"]
    assert drawn(tokens)["AR-VAE Bach, honest"] == [figures["tokens"]["value"]]
    assert drawn(onsets) == {"AR-VAE Bach, honest": [figures["onsets"]["value"]]}
    assert drawn(windows) == {"AR-VAE Bach, honest": [figures["windows"]["value"]]}
    (dash,) = tokens.collections
    assert dash.get_paths()[0].vertices[:, 1] == pytest.approx(20 / 24)  # four notes a bar


def test_a_run_without_a_card_is_refused(bare: Measured) -> None:
    with pytest.raises(GlissarError, match="quick has no card; make it with"):
        ar_scores.measures([bare])
