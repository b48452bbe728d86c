from __future__ import annotations

import numpy as np
import pytest

from presets.encoding import Encoding, Vocabulary
from training.checkpoint import Trained
from training.data.phrases import GRID
from training.evaluation import variations
from training.evaluation.surface import Direction

STEPS = GRID.steps
WORDS = Vocabulary(("C4", "C#4", "hold", "rest"), (60, 61, None, None), hold=2, rest=3)
ENCODING = Encoding(GRID, WORDS)


def test_what_a_step_keeps_by_hand() -> None:
    def window(**struck: int) -> list[int]:
        return [struck.get(f"t{step}", 2) for step in range(STEPS)]

    calm, more, moved = window(t0=0, t4=0), window(t0=0, t4=1, t8=0), window(t8=1)
    found = variations.kept(np.array([[calm, more, moved], [calm, calm, calm]]), ENCODING)
    assert found["steps not falling"] == 3 / 4
    assert found["onsets kept"] == pytest.approx((2 / 3 + 1 / 3 + 1 + 1) / 4)
    assert found["pitches kept"] == pytest.approx((1 + 0 + 2 + 2) / (2 + 1 + 2 + 2))
    assert found["still"] == 1 / 2
    silent = np.full((1, 3, STEPS), 3)
    assert variations.kept(silent, ENCODING)["onsets kept"] == 1


@pytest.mark.parametrize("sign", [1, -1])
def test_one_coordinate_alone_takes_eight_equal_steps(glsr: dict[str, Trained], sign: int) -> None:
    trained = glsr["regularised"]
    points = np.random.default_rng(0).standard_normal((3, 5), np.float32)
    windows = variations.swept(trained, points, Direction(0, sign))
    assert windows.shape == (3, 9, STEPS)
    assert np.diff(variations.PATH) == pytest.approx([0.5] * 8)
    counts = (windows < trained.encoding.vocabulary.hold).sum(2)
    assert (sign * (counts[:, -1] - counts[:, 0]) > 0).all()
    other = points.copy()
    other[:, 0] = 9  # where it stood does not count
    assert (variations.swept(trained, other, Direction(0, sign)) == windows).all()
