from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from presets.encoding import Encoding, Grid, Tokens, Vocabulary
from presets.keep import CHOICES, by_heads, lean

QUARTERS = tuple(Fraction(i, 4) for i in range(4))
WORDS = Vocabulary.midi(60, 71)
ENCODING = Encoding(Grid(QUARTERS), WORDS)
WINDOWS = arrays(np.int64, (3, 16), elements=st.integers(0, 13))


def test_every_choice_of_a_step_gets_its_nats_and_no_other() -> None:
    window = np.array([[5, WORDS.hold, WORDS.rest, *[WORDS.hold] * 13]])
    found = lean(window, ENCODING, 3.0)
    assert found.shape == (1, 16, CHOICES + 12)
    note, hold, rest = np.zeros((3, CHOICES + 12))
    note[[0, CHOICES + 5]] = hold[[1, 3]] = rest[[1, 2]] = 3.0
    assert np.array_equal(found[0, :4], [note, hold, rest, hold])


@given(WINDOWS)
def test_whoever_follows_the_lean_alone_writes_the_window(windows: Tokens) -> None:
    noise = lean(windows, ENCODING, 1.0)
    struck = noise[..., 0] > noise[..., 1]
    quiet = np.where(noise[..., 2] > noise[..., 3], WORDS.rest, WORDS.hold)
    assert np.array_equal(np.where(struck, noise[..., CHOICES:].argmax(2), quiet), windows)


def test_which_noise_is_by_heads() -> None:
    assert by_heads([16, 16], ENCODING)
    assert not by_heads([16, 14], ENCODING)  # one number for each token
    assert not by_heads([8, 16], ENCODING)
    words = Vocabulary(("hold", "rest", "a", "b"), (None, None, 60, 61), 0, 1)
    assert not by_heads([16, 6], Encoding(Grid(QUARTERS), words))  # pitches do not come first
