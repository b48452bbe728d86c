"""What was played weighs in what is decoded: a lean in place of noise, towards the played choices.

A decoder that takes its choices head by head, and among whole windows, says nothing about a note
that it is unsure of; what was played does. Leant on, the decoding of a played window is that window
nearly always, and of two that do what a knob asks the one that keeps more of it is taken.

Noise by heads has 4 + P numbers a step: for a note and against it, for a silence and against it,
and for each of P pitches, in the order of the vocabulary.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presets.encoding import Encoding, Tokens

CHOICES = 4  # numbers of a step beside those of its pitches


def lean(tokens: Tokens, encoding: Encoding, nats: float) -> NDArray[np.float32]:
    """What is added to the noise [N, T, 4 + P] of windows [N, T], so many nats to a choice."""
    words = encoding.vocabulary
    pitches = len(words.symbols) - 2
    chosen = np.zeros((*tokens.shape, CHOICES + pitches), np.float32)
    struck = (tokens != words.hold) & (tokens != words.rest)
    for choice, where in enumerate((struck, ~struck, tokens == words.rest, tokens == words.hold)):
        chosen[..., choice] = where
    rows, steps = np.nonzero(struck)
    chosen[rows, steps, CHOICES + tokens[rows, steps]] = 1
    return nats * chosen


def by_heads(noise: list[int], encoding: Encoding) -> bool:
    """Whether a decoder's noise, without the batch, is laid out so."""
    words = encoding.vocabulary
    sounding = range(len(words.symbols) - 2)
    ordered = {words.hold, words.rest}.isdisjoint(sounding)
    return ordered and noise == [encoding.grid.steps, CHOICES + len(sounding)]
