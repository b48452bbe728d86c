from __future__ import annotations

import torch

from training.geodesics import measure
from training.geodesics.measure import Bench


def test_figures_of_both_readings(made: Bench) -> None:
    for reading in measure.READINGS:
        lines, ridges = measure.against_lines(made, reading), measure.on_ridges(made, reading)
        assert lines["below"] == 1
        assert lines["share"] <= lines["most"] <= 1
        assert ridges["around"] >= ridges["around least"] > 0


def test_closed_forms_hold(made: Bench) -> None:
    torch.manual_seed(0)
    assert measure.closed_form(made, "anew", paths=2) < 0.03
    assert measure.closed_form(made, "once", paths=2) < 0.08


def test_a_warm_start_takes_fewer_iterations(made: Bench) -> None:
    found = measure.warmth(made, "anew")
    assert found["warm"] < found["cold"]


def test_what_an_iteration_takes(made: Bench) -> None:
    assert set(measure.iterations(made)) == {"g", "mu", "energy", "first"}
    assert all(spent > 0 for spent in measure.iterations(made).values())
    assert measure.decoder(made)["auc"] > 0.9
