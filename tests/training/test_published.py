from __future__ import annotations

import pytest

from training import published


def test_ten_seeds_of_every_measure_beside_ours() -> None:
    found = published.ar_vae()["measures"]
    assert set(found) == {"interpretability", "modularity", "mig", "sap", "scc", "tokens"}
    for models in found.values():
        assert set(models) == {f"{m} {c}" for m in ("AR-VAE", "beta-VAE") for c in ("Bach", "Folk")}
        for figure in models.values():
            assert figure["seeds"] == 10
            assert 0 <= figure["low"] <= figure["mean"] <= figure["high"] <= 1


def test_figures_that_the_paper_is_quoted_with() -> None:
    measures = published.ar_vae()["measures"]
    bach = {measure: models["AR-VAE Bach"] for measure, models in measures.items()}
    assert bach["interpretability"]["mean"] == pytest.approx(0.957, abs=5e-4)
    assert bach["interpretability"]["sd"] == pytest.approx(0.0128, abs=1e-4)
    assert bach["tokens"]["mean"] == pytest.approx(0.9614, abs=5e-5)


def test_they_say_where_they_come_from() -> None:
    found = published.ar_vae()
    assert "Pati & Lerch 2021" in found["source"]
    assert "github.com/ashispati/ar-vae" in found["source"]
    assert "training" in found["protocol"]


def test_seeds_one_by_one() -> None:
    seeds = published.ar_vae_seeds()["mig"]["AR-VAE Bach"]
    assert len(seeds) == 10
    assert sum(seeds) / 10 == pytest.approx(0.1633, abs=5e-5)
