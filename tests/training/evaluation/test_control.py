from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from presets.attributes import ATTRIBUTES, measure, onsets_of
from presets.encoding import Tokens
from training import latent
from training.checkpoint import Trained
from training.data.bars import BACH
from training.data.dataset import Dataset
from training.evaluation import control

windows = st.lists(st.integers(0, 29) | st.just(30) | st.just(31), min_size=24, max_size=24).map(
    np.array
)


def test_rank_correlation_is_scipys_and_0_where_nothing_moves() -> None:
    values = np.random.default_rng(0).integers(0, 4, (20, 9)).astype(float)
    values[3] = 2.0
    found = control.spearman(values)
    assert found[3] == 0
    for row, rho in zip(np.delete(values, 3, 0), np.delete(found, 3), strict=True):
        assert rho == pytest.approx(spearmanr(np.arange(9), row).statistic)


def test_of_equal_positions_nothing_is_expected() -> None:
    knob = np.array([-1.0, 0.0, 0.0, 0.0, 2.0], np.float32)
    found = control.spearman(np.array([[1.0, 2, 2, 2, 3], [1.0, 2, 2, 3, 3]]), knob)
    assert found[0] == pytest.approx(1)
    assert found[1] == pytest.approx(spearmanr(knob, [1, 2, 2, 3, 3]).statistic)
    assert control.spearman(np.array([[1.0, 2]]), np.zeros(2, np.float32)).tolist() == [0]


def test_who_has_room_to_move() -> None:
    bars = np.full((4, 24), 30)
    bars[1, 0] = bars[2, :2] = bars[3, :] = 7  # no note, one, two, all
    played = onsets_of(bars, BACH)
    assert control.room(played, "range").tolist() == [0, 0, 1, 1]
    assert control.room(played, "contour").tolist() == [0, 0, 1, 1]
    assert control.room(played, "rhythm").tolist() == [1, 1, 1, 0]
    assert control.room(played, "density").tolist() == [1, 1, 1, 1]


def test_the_wrong_way_and_no_way_at_all() -> None:
    rising, still, dip = [0, 0, 1, 2], [1, 1, 1, 1], [0, 2, 1, 3]
    values = np.array([rising, still, dip], float)
    assert control.never_wrong(values).tolist() == [1, 1, 0]
    assert control.moves(values).tolist() == [1, 0, 1]


@given(windows)
def test_windows_of_notes_measure_as_their_tokens_do(tokens: Tokens) -> None:
    window = control.window_of(tokens, BACH)
    heard = control.onsets_heard([window], BACH)
    for name, attribute in ATTRIBUTES.items():
        assert attribute.measure(heard) == pytest.approx(measure(tokens, BACH, [name])[:, 0])


@given(windows)
def test_a_window_of_notes_is_encoded_as_it_was(tokens: Tokens) -> None:
    again = BACH.encode(control.window_of(tokens, BACH)).tokens
    for step in range(24):  # a rest within a rest, or a hold of one, says nothing new
        assert BACH.states(again).start[step] == BACH.states(tokens).start[step]


def test_a_knob_left_where_the_window_is_changes_nothing_heard(
    trained: Trained, data: Dataset
) -> None:
    tokens = data.splits["test"].tokens[:6]
    mu, _ = latent.encode(trained.model, tokens)
    for row in range(6):
        bar = tokens[row : row + 1]
        turned = control.turn(trained.model, BACH, bar, 3, mu[row, 3:4])
        for name in ATTRIBUTES:
            assert turned.values(turned.heard, name) == pytest.approx(measure(bar, BACH, [name]))
        assert (turned.decoded.struck == turned.before.struck).all()


def test_turned_windows_keep_their_order_and_every_other_dimension(trained: Trained) -> None:
    z = np.arange(12, dtype=np.float32).reshape(2, 6)
    turned = latent.moved(trained.model, z, 1, np.array([-1, 0, 1], np.float32))
    assert turned.shape == (2, 3, 6)
    assert turned[:, :, 1].tolist() == [[-1, 0, 1]] * 2
    assert (np.delete(turned, 1, 2) == np.delete(z, 1, 1)[:, None]).all()


def test_blocks_do_not_show(
    trained: Trained, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokens = trained.model, data.splits["train"].tokens[:50]
    mu, _ = latent.encode(model, tokens)
    decoded = latent.decode(model, mu)
    monkeypatch.setattr(latent, "BLOCK", 7)
    np.testing.assert_allclose(latent.encode(model, tokens)[0], mu, atol=1e-6)
    assert (latent.decode(model, mu) == decoded).all()
