from __future__ import annotations

import json

import pytest

from training import published


def test_ten_seeds_of_every_measure_beside_ours() -> None:
    found = published.ar_vae()
    assert set(found) == {"interpretability", "modularity", "mig", "sap", "scc", "tokens"}
    for models in found.values():
        assert set(models) == {f"{m} {c}" for m in ("AR-VAE", "beta-VAE") for c in ("Bach", "Folk")}
        for figure in models.values():
            assert figure["seeds"] == 10
            assert 0 <= figure["low"] <= figure["mean"] <= figure["high"] <= 1


def test_figures_that_the_paper_is_quoted_with() -> None:
    bach = {measure: models["AR-VAE Bach"] for measure, models in published.ar_vae().items()}
    assert bach["interpretability"]["mean"] == pytest.approx(0.957, abs=5e-4)
    assert bach["interpretability"]["sd"] == pytest.approx(0.0128, abs=1e-4)
    assert bach["tokens"]["mean"] == pytest.approx(0.9614, abs=5e-5)


def test_the_file_says_where_it_comes_from() -> None:
    kept = json.loads(published.FIGURES.read_text("utf-8"))
    assert "Pati & Lerch 2021" in kept["source"]
    assert "ar-vae" in kept["source"]
