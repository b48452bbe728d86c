from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from presets.optimise import Aim, optimise

Z = NDArray[np.float32]


def within(radius: float) -> Aim:
    """Content with points no farther than that from the middle."""

    def judge(z: Z) -> tuple[Z, Z]:
        return radius**2 - (z**2).sum(1), -2 * z

    return Aim(judge)


def above(dimension: int, bound: float) -> Aim:
    def judge(z: Z) -> tuple[Z, Z]:
        return z[:, dimension] - bound, np.eye(z.shape[1], dtype=np.float32)[[dimension] * len(z)]

    return Aim(judge)


@given(st.integers(0, 10_000))
def test_whom_all_critics_like_stays_bit_for_bit(seed: int) -> None:
    z = np.random.default_rng(seed).standard_normal((8, 5)).astype(np.float32)
    found = optimise(z, [above(0, 0.0), above(3, -1.0)])
    liked = (z[:, 0] >= 0) & (z[:, 3] >= -1)
    assert found[liked].tobytes() == z[liked].tobytes()
    assert (found[:, 0] >= 0).all()
    assert (found[:, 3] >= -1).all()


def test_it_goes_no_farther_than_it_must() -> None:
    z = np.array([[3.0, 4.0, 0.0]], np.float32)
    found = optimise(z, [within(2.0)])
    assert 1.8 < np.linalg.norm(found) <= 2.0
    assert found[0, 2] == 0


def test_it_gives_up_after_so_many_steps() -> None:
    z = np.zeros((2, 3), np.float32)
    found = optimise(z, [above(1, 1e6)], steps=10)
    assert found[:, 1] == pytest.approx([1.0, 1.0], abs=1e-3)  # Adam goes by its rate


def test_rows_do_not_know_of_each_other() -> None:
    z = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32) * 3
    together = optimise(z, [within(1.0), above(2, 0.2)])
    alone = [optimise(row[None], [within(1.0), above(2, 0.2)])[0] for row in z]
    assert together == pytest.approx(np.stack(alone))


def test_a_critic_that_weighs_nothing_is_waited_for_and_not_followed() -> None:
    z = np.zeros((1, 2), np.float32)
    found = optimise(z, [above(0, 0.5), above(1, 1.0)._replace(weight=0.0)], steps=20)
    assert found[0, 1] == 0
    assert found[0, 0] > 0.5
