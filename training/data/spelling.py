"""Real note names: spelled pitches as numbers, their intervals, and the words made of them.

A name's code is 128 · pitch + degree, where pitch is MIDI's and degree counts the letters from C−1
up (C4 is 35): moving by an interval is one addition, and codes sort by pitch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from presets.encoding import Vocabulary

Codes = NDArray[np.int32]  # of names, HOLD or REST
Rows = NDArray[np.int64]

HOLD, REST = -1, -2
PITCH = 128

_LETTERS = "CDEFGAB"
_NATURAL = (0, 2, 4, 5, 7, 9, 11)
# The letters that an interval of 0 to 11 semitones spans as music21 names it from semitones alone:
# unison, second, second, third, third, fourth, diminished fifth, fifth, sixth, sixth, …
_SPAN = (0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6)


def code(letter: str, octave: int, pitch: int) -> int:
    """The code of a written note: its letter and octave as written, and the key that it is."""
    return PITCH * pitch + 7 * (octave + 1) + _LETTERS.index(letter)


def interval(semitones: int) -> int:
    """What moving by an interval adds to a code. Down is the same interval as up."""
    octaves, rest = divmod(abs(semitones), 12)
    up = PITCH * abs(semitones) + 7 * octaves + _SPAN[rest]
    return up if semitones >= 0 else -up


def symbol(name: int) -> str:
    """A code in letters: "Bb4", "F##5"."""
    pitch, degree = divmod(name, PITCH)
    octave, letter = divmod(degree, 7)
    raised = pitch - 12 * octave - _NATURAL[letter]
    return f"{_LETTERS[letter]}{'#' * raised}{'b' * -raised}{octave - 1}"


def read(text: str) -> int:
    """The code of what `symbol` wrote."""
    letter, rest = text[0], text[1:].lstrip("#b")
    raised = text.count("#") - text.count("b")
    octave = int(rest)
    return code(letter, octave, 12 * (octave + 1) + _NATURAL[_LETTERS.index(letter)] + raised)


def vocabulary(counts: Mapping[int, int], low: int, high: int) -> Vocabulary:
    """Words for the names counted, every key from `low` to `high`, hold and rest.

    A key pressed on a keyboard has no name: it gets the one most often written for it, and where
    none was written, the sharp one.
    """
    keys = Vocabulary.midi(low, high)
    usual = {pitch: read(keys.symbols[token]) for pitch, token in keys.token_of.items()}
    for name, _ in sorted(counts.items(), key=lambda c: (c[1], -c[0])):
        usual[name // PITCH] = name
    names = sorted(counts.keys() | usual.values())
    pitches = [name // PITCH for name in names]
    return Vocabulary(
        (*map(symbol, names), "hold", "rest"),
        (*pitches, None, None),
        len(names),
        len(names) + 1,
        {pitch: names.index(name) for pitch, name in sorted(usual.items())},
    )


def codes(words: Vocabulary) -> Codes:
    """The code of every token of a spelled vocabulary [V]."""
    names = [
        HOLD if token == words.hold else REST if token == words.rest else read(text)
        for token, text in enumerate(words.symbols)
    ]
    return np.array(names, np.int32)


def tokens(names: Codes, words: Vocabulary) -> Rows:
    """Codes of any shape as tokens; −1 where the vocabulary lacks the name."""
    known = codes(words)
    order = np.argsort(known)
    at = order[np.searchsorted(known, names, sorter=order).clip(0, len(known) - 1)]
    return np.where(known[at] == names, at, -1)


def moved(names: Codes, semitones: int) -> Codes:
    """Codes moved by the interval of so many semitones; holds and rests stay."""
    return np.where(names >= 0, names + interval(semitones), names).astype(np.int32)


def in_keys(words: Vocabulary, shifts: Rows) -> Rows:
    """For each shift the token that every token becomes [K, V]; −1 where there is none."""
    return np.stack([tokens(moved(codes(words), int(s)), words) for s in shifts])
