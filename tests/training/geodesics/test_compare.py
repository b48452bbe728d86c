from __future__ import annotations

import pytest
import torch

from training.geodesics import compare, oracle
from training.geodesics.curve import line
from training.geodesics.measure import Bench


def test_eq_3_of_a_path_hardly_depends_on_its_steps(made: Bench) -> None:
    few, many = (compare.eq_3(made, line(made.around, steps)) for steps in (128, 256))
    torch.testing.assert_close(few, many, rtol=0.02, atol=0)


def test_beside_splines(made: Bench) -> None:
    theirs = compare.eq_3(made, oracle.splines(made.trained.decoder, made.around, 256))
    assert (compare.ours(made, made.around) / theirs).median() < compare.NEAR


def test_as_good_is_within_ten_per_cent(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ways that are as short as all of ours but one, which they are half of."""
    ours = compare.ours(made, made.around)
    shorter = torch.tensor([2.0, *[1.0] * (len(ours) - 1)])
    monkeypatch.setattr(compare.grid, "energies", lambda *_: ours / shorter)
    found = compare.shortest(made)
    assert found["grid"] == pytest.approx(1)
    assert found["grid near"] == pytest.approx(1 - 1 / len(ours))
