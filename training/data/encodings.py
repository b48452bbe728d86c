"""Which encoding a data card means: one of the fixed ones by name, or the one that it describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from presets.encoding import Encoding
from presets.manifest import GridFacts, VocabularyFacts, describe, encoding_of
from training.data.bars import ENCODINGS


def facts(encoding: Encoding) -> dict[str, Any]:
    """An encoding as a card describes it: a vocabulary of names depends on the music."""
    grid, words = describe(encoding)
    return {"grid": msgspec.to_builtins(grid), "vocabulary": msgspec.to_builtins(words)}


def of_card(card: Mapping[str, Any]) -> Encoding:
    """The encoding of a data card. Raises KeyError or ValueError where it tells of none."""
    if "vocabulary" not in card:
        return ENCODINGS[card["encoding"]]
    grid = msgspec.convert(card["grid"], GridFacts)
    return encoding_of(grid, msgspec.convert(card["vocabulary"], VocabularyFacts))
