from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from presets.errors import GlissarError
from training import figures
from training.comparing import groups
from training.figures.measured import Measured


def test_a_matrix_for_every_group(measured: Measured) -> None:
    changed = {**measured.trained.config, "epochs": 1}
    other = replace(measured, name="other", trained=replace(measured.trained, config=changed))
    page = figures.drawn("cross-talk", [measured, other])
    drawn = [axes for axes in page.axes if axes.images]
    titles = [axes.get_title("left") for axes in drawn]
    assert titles == ["1 AR-VAE other,\nepochs=2", "2 AR-VAE other,\nepochs=1"]
    names = measured.trained.dimensions
    (group,) = groups.grouped({"quick": measured.trained})
    talk = group.talk(names)
    told = [text.get_text() for text in drawn[0].texts]
    assert told == ["–" if np.isnan(value) else f"{value:.2f}" for value in talk.flat]


def test_a_run_without_a_card_is_a_sentence(bare: Measured) -> None:
    with pytest.raises(GlissarError, match="quick has no card"):
        figures.drawn("cross-talk", [bare])
