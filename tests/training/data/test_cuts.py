from __future__ import annotations

import numpy as np
import pytest

from training.data import dataset
from training.data.bars import ENCODINGS, Work
from training.data.cuts import BARS, MELODIES, PAIRS, Cut


@pytest.mark.parametrize("cut", [BARS, PAIRS, MELODIES])
def test_a_window_is_so_many_bars(cut: Cut) -> None:
    whole = ENCODINGS[cut.encoding]
    assert whole.vocabulary == cut.bar.vocabulary
    assert whole.grid.positions == cut.bar.grid.positions
    assert cut.steps == cut.bars * cut.bar.grid.steps


def _work(name: str, bars: int, seed: int) -> Work:
    """Bars of one note each, every one another, played twice round."""
    tokens = np.full((bars, 16), MELODIES.bar.vocabulary.hold, np.uint8)
    tokens[:, 0] = np.random.default_rng(seed).permutation(30)[:bars]
    return Work(name, np.tile(tokens, (2, 1)), np.arange(2 * bars) * 3840)


def test_a_window_begins_at_every_bar_and_each_counts_once() -> None:
    work = _work("round", 20, 0)
    windows = MELODIES.windows(work.tokens, work.lines)
    assert windows[:, 0].tolist() == work.tokens[:20, 0].tolist()  # of 25, in their order
    assert (windows[3] == work.tokens[3:19].flatten()).all()
    assert len(PAIRS.windows(np.tile(work.tokens[:2], (2, 1)), work.lines[:4])) == 3  # as ever


def test_a_dataset_of_melodies() -> None:
    data = dataset.assemble((_work(f"tune {i}", 16 + i % 3, i) for i in range(9)), cut=MELODIES)
    grid = data.encoding.grid
    assert (grid.bars, grid.steps) == (16, 256)
    assert all(len(windows) for windows in data.splits.values())
    assert data.splits["train"].tokens.shape[1] == 256
    assert "sixteen" in data.card["rule"]
    assert "128 keys" in data.card["rule"]
