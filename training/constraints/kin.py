"""Is a melody still itself when it does what is asked? Unseen windows, moved and held against what
they were (Engel et al. 2018, Fig. 5 and Fig. 10)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from presets.attributes import Onsets, onsets_of
from presets.constraint import Constraint
from presets.encoding import Tokens
from presets.preset import Preset
from training.constraints import heard
from training.constraints.kept import Choices, movers
from training.constraints.of_preset import encoded, space_of


class Kin(NamedTuple):
    who: str
    held: float  # the share of those windows that now do all that is asked
    onsets: float  # mean F1 of the places of their notes with what was decoded of them before
    notes: float  # … of places and pitches


def kinship(
    preset: Preset, constraint: Constraint, choices: Choices, windows: Tokens
) -> tuple[int, list[Kin]]:
    """How many of the windows [N, T] do not do what is asked as they are decoded, and what becomes
    of those: as they are decoded once moved, and as they are heard, which is held against what was
    played."""
    space = space_of(preset)
    y = constraint.row(choices)
    rules = [(rule, constraint.part(rule, y)) for rule in constraint.rules()]

    def held(tokens: Tokens) -> NDArray[np.bool_]:
        onsets = onsets_of(tokens, preset.encoding)
        scores = [rule.score(onsets, np.repeat(own, len(tokens), 0)) for rule, own in rules]
        return np.stack(scores).min(0) >= 1

    z = encoded(preset, windows)[0]
    before = space.decode(torch.from_numpy(z))
    wrong = ~held(before)
    if not wrong.any():
        return 0, []

    def kin(who: str, source: Tokens, after: Tokens) -> Kin:
        both = (onsets_of(tokens, preset.encoding) for tokens in (source, after))
        return Kin(who, float(held(after).mean()), *alike(*both))

    found = [
        kin(who, before[wrong], space.decode(torch.from_numpy(move(z[wrong]))))
        for who, move in movers(preset, constraint, choices).items()
    ]
    by_ear = heard.answers(preset, constraint, choices, windows[wrong])
    return int(wrong.sum()), [*found, kin("actor, by ear", windows[wrong], by_ear)]


def alike(a: Onsets, b: Onsets) -> tuple[float, float]:
    """Mean F1 of where notes are, and of where which notes are; silence is like silence."""
    both = a.struck & b.struck
    total = np.maximum(a.struck.sum(1) + b.struck.sum(1), 1)
    none = ~a.struck.any(1) & ~b.struck.any(1)
    f1 = [2 * hits.sum(1) / total + none for hits in (both, both & (a.pitch == b.pitch))]
    return float(f1[0].mean()), float(f1[1].mean())
