from __future__ import annotations

import numpy as np
import torch

from training.constraints.memory import Decoded, Memory


def decoded(*numbers: int) -> Decoded:
    """Every number in all four parts of a row."""
    row = torch.tensor(numbers, dtype=torch.float32)[:, None]
    return Decoded(row.clone(), row.clone(), row.clone(), np.array(numbers)[:, None])


def known(memory: Memory) -> set[int]:
    found = memory.draw(500)
    assert torch.equal(found.points, found.others)
    assert torch.equal(found.points, found.y)
    assert np.array_equal(found.tokens, found.points.numpy())
    return set(found.tokens.flatten().tolist())


def test_what_comes_takes_the_place_of_the_oldest() -> None:
    memory = Memory(decoded(0, 1, 2, 3, 4))
    memory.add(decoded(5, 6, 7))
    assert known(memory) == {3, 4, 5, 6, 7}
    memory.add(decoded(8, 9, 10))  # past the end and on from the beginning
    assert known(memory) == {6, 7, 8, 9, 10}
