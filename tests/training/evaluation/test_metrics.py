from __future__ import annotations

import json
from dataclasses import fields
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.evaluation import metrics
from training.evaluation.metrics import Disentanglement

Floats = NDArray[np.float64]

GOLDEN = Path(__file__).parent / "golden"
VALUES: dict[str, dict[str, dict[str, list[float]]]] = json.loads(
    (GOLDEN / "metrics.json").read_text()
)
MEASURES = [field.name for field in fields(Disentanglement)]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = spec_from_file_location("metrics_reference", GOLDEN / "metrics_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def data(case: str) -> tuple[Floats, Floats]:
    with np.load(GOLDEN / "metrics.npz", allow_pickle=False) as arrays:
        return arrays[f"{case}.z"].astype(float), arrays[f"{case}.a"].astype(float)


def measured(z: Floats, a: Floats, dimensions: tuple[int, ...] = (0, 1, 2)) -> dict[str, Floats]:
    told = metrics.information(z, a, seed=7)
    return vars(metrics.disentanglement(z, a, told, dimensions))


@pytest.mark.parametrize("case", VALUES)
def test_every_measure_is_that_of_the_definitions(case: str) -> None:
    found = measured(*data(case))
    assert set(VALUES[case]["reference"]) == set(MEASURES)
    for source in ("reference", "latte-metrics 0.0.1a6"):
        for name, expected in VALUES[case][source].items():
            np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("case", ["dependent", "counts", "ties"])
def test_the_golden_values_are_those_of_their_script(case: str, reference: ModuleType) -> None:
    for name, expected in reference.values(*data(case)).items():
        assert VALUES[case]["reference"][name] == pytest.approx(expected, abs=1e-6)


def test_the_golden_cases_tell_good_codes_from_bad() -> None:
    good, bad = measured(*data("disentangled")), measured(*data("rotated"))
    for name in ("interpretability", "mig", "sap", "scc", "xmig", "dmig"):
        assert good[name].min() > bad[name].max()


def test_what_depends_on_another_is_allowed_for() -> None:
    found = measured(*data("dependent"))
    assert (found["xmig"] >= found["mig"] - 1e-12).all()
    assert (found["dmig"][:2] > 1.2 * found["mig"][:2]).all()


def test_twins_leave_no_gap() -> None:
    found = measured(*data("ties"))
    assert found["mig"][[0, 2]] == pytest.approx(0, abs=1e-12)
    assert found["sap"][[0, 2]] == pytest.approx(0, abs=1e-12)
    assert found["xmig"][2] > 0.5  # its twin follows an attribute


def test_what_does_not_vary_tells_nothing_and_is_told_by_nothing() -> None:
    z, a = data("disentangled")
    z[:, 4], a[:, 1] = 0.1, 0.1  # not exact in binary: its mean is not itself
    found = measured(z, a)
    assert found["modularity"][4] == 0
    for name in MEASURES[:-1]:
        assert found[name][1] == 0
        assert found[name][0] > 0.5


def test_as_many_dimensions_as_attributes_and_only_one() -> None:
    z, a = data("disentangled")
    told = metrics.information(z[:, :3], a, 7)
    assert metrics.xmig(told, (0, 1, 2)) == pytest.approx(np.diag(told.codes) / told.entropy)
    alone = measured(z[:, :1], a[:, :1], (0,))
    assert alone["mig"] == alone["xmig"] == alone["dmig"]
    assert alone["modularity"] == [1]
    assert alone["sap"] == pytest.approx(alone["interpretability"])


def test_a_chance_rank_correlation_does_not_count() -> None:
    draw = np.random.default_rng(0)
    z, a = draw.normal(size=(60, 1)), draw.normal(size=(60, 1))
    assert metrics.scc(z, a) == [0]
    assert abs(metrics.correlation(z, a)).item() > 0.01


def synthetic(seed: int, rows: int = 80) -> tuple[Floats, Floats]:
    """Codes [rows, 4] that mix 2 attributes, one of them counted, by chance."""
    draw = np.random.default_rng(seed)
    a = draw.normal(size=(rows, 2)) @ draw.normal(size=(2, 2))
    z = a @ draw.normal(size=(2, 4)) + 0.3 * draw.normal(size=(rows, 4))
    a[:, 1] = np.round(a[:, 1] * draw.uniform(0.5, 4))
    return z, a


seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None)


@few
@given(seeds)
def test_measures_stay_in_their_ranges(seed: int) -> None:
    found = measured(*synthetic(seed), (0, 1))
    for name in ("interpretability", "sap", "scc", "modularity", "mig"):
        assert found[name].min() >= 0
        assert found[name].max() <= 1
    assert (found["xmig"] <= 1).all()


@few
@given(seeds, st.permutations(range(4)))
def test_the_order_of_dimensions_changes_nothing(seed: int, order: list[int]) -> None:
    z, a = synthetic(seed)
    ranked = np.sort(metrics.information(z, a, 7).codes, axis=0)
    assume((np.diff(ranked[1:], axis=0) > 0).all())  # of equals, the first is taken
    moved = measured(z[:, order], a, (order.index(0), order.index(1)))
    found = measured(z, a, (0, 1))
    for name in MEASURES[:-1]:
        assert moved[name] == pytest.approx(found[name], abs=1e-9)
    assert moved["modularity"] == pytest.approx(found["modularity"][order], abs=1e-9)


@few
@given(seeds, st.sampled_from([np.exp, np.cbrt, np.arctan, np.negative]))
def test_scc_sees_order_only(seed: int, monotone: Any) -> None:
    z, a = synthetic(seed)
    expected = metrics.scc(z, a)
    assert metrics.scc(monotone(z), a) == pytest.approx(expected)
    assert metrics.scc(z, monotone(a)) == pytest.approx(expected)


@few
@given(seeds, st.floats(0.1, 10), st.floats(-5, 5))
def test_sap_and_interpretability_see_no_scale(seed: int, scale: float, shift: float) -> None:
    z, a = synthetic(seed)
    assert metrics.sap(scale * z + shift, a) == pytest.approx(metrics.sap(z, a), abs=1e-9)
    told = metrics.information(z, a, 0)
    assert metrics.interpretability(scale * z + shift, a, told) == pytest.approx(
        metrics.interpretability(z, a, told), abs=1e-9
    )


def test_perfect_codes_fall_short_where_the_music_does() -> None:
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=(2, 800))
    few = np.repeat([1.0, 2.0], [640, 160])  # most pairs of windows are tied
    alone = metrics.perfect(np.stack([a, b], axis=1), 6, seed=0)
    assert min(alone.scc.min(), alone.sap.min(), alone.mig.min(), alone.xmig.min()) > 0.95
    assert len(alone.modularity) == 6
    tied = metrics.perfect(np.stack([a, a + 0.1 * b, few], axis=1), 6, seed=0)
    assert tied.sap[:2].max() < 0.1
    assert tied.interpretability.min() > 0.99
    assert tied.scc[2] == pytest.approx(np.sqrt(1 - 0.8**3 - 0.2**3), abs=1e-3)
