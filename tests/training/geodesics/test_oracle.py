from __future__ import annotations

import sys

import pytest
import torch

from presets.errors import GlissarError
from training.geodesics import oracle
from training.geodesics.curve import Ends, line
from training.geodesics.energy import energy, squared


@pytest.mark.parametrize("count", [1, 3])
def test_splines_of_a_flat_plane_are_straight(count: int) -> None:
    """But for what its Adam leaves, which starts with steps of .1."""
    torch.manual_seed(0)
    ends, of = Ends(torch.randn(count, 2), torch.randn(count, 2)), energy(lambda z: z, squared)
    found = oracle.splines(lambda z: z, ends, 10)
    torch.testing.assert_close(found[:, [0, -1]], torch.stack(ends, 1), atol=1e-4, rtol=0)
    torch.testing.assert_close(of(found), of(line(ends, 10)), rtol=0.01, atol=0)


def test_where_it_is_missing_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stochman", None)
    with pytest.raises(GlissarError, match=r"only --oracle needs it; pip install '\.\[dev"):
        oracle.check()
