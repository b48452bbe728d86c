"""The tiny preset's first number counts notes, 8 at 0 and one more for every quarter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from presets import preset as presets
from presets.constraint import Constraint
from presets.rules import AtLeast
from training.constraints import kept
from training.constraints.kept import Floats, Judged
from training.constraints.of_preset import space_of

DENSITY = AtLeast((4, 8))


@pytest.fixture
def judged(tiny_preset: Path) -> Judged:
    space = space_of(presets.read(tiny_preset))
    return Judged(space, [(DENSITY, np.array([[0, 1]], np.float32))])


def points(judged: Judged, *first: float) -> Floats:
    z = np.zeros((len(first), judged.space.z), np.float32)
    z[:, 0] = first
    return z


def test_a_row_tells_what_is_heard_of_moved_draws(judged: Judged) -> None:
    z, moved = points(judged, -1, -1, 0, 0), points(judged, -1, 0, 0, 1)
    row = judged.row("somebody", {}, z, moved)
    assert row.scores.tolist() == [[0.5], [1], [1], [1]]
    assert row.notes.tolist() == [4, 8, 8, 12]
    assert row.means.tolist() == [0.875]
    assert row.satisfied.tolist() == [0.75]
    assert row.z_mse == pytest.approx(2 / (4 * judged.space.z))
    assert row.distinct == 0.75


def test_what_is_not_asked_is_judged_as_well(
    tiny_preset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row by the last of what is asked, on the same draws."""
    movers = {"actor": lambda z: z + 0.5, "optimise": lambda z: z}
    monkeypatch.setattr(kept, "movers", lambda *_: movers)
    constraint = Constraint("density", ["density"], list(DENSITY.menus))
    preset, asks = presets.read(tiny_preset), [{}, {"density": "8"}]
    prior, actor, still, *again = kept.table(preset, constraint, asks, 200, 0)
    assert [row.who for row in again] == ["actor", "optimise"]
    assert 0.3 < prior.satisfied[0] < actor.satisfied[0]
    assert prior.satisfied == still.satisfied
    assert np.array_equal(prior.notes, still.notes)
    assert actor.z_mse == pytest.approx(0.25)
